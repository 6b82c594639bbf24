import { createHash } from 'node:crypto';
import { Unauthenticated } from '../model/errors.ts';
import type { RawRequest } from '../payload/http.ts';
import { hmac } from './hmac.ts';
import type { Source } from './source.ts';
import { requiredHeader, sameText, verifyWith } from './verify.ts';

/** The options of the HubSpot account that sends webhooks. */
export interface HubSpotAccount {
  /** The account's id. @default events of any account are accepted */
  readonly portalId?: string;
  /** Whether the webhooks of workflows are accepted. @default false */
  readonly workflows?: boolean;
}

/**
 * Makes a verifier for requests from HubSpot. The secret is the client secret of the app. Version 3 covers a time. Version 2,
 * which only workflows send without version 3, does not: it is accepted only if `workflows` is set. Both cover the URL that is
 * configured in HubSpot. Version 1 covers the body alone and is rejected.
 *
 * @see https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/request-validation
 */
export function hubspotSignature({ workflows = false }: Pick<HubSpotAccount, 'workflows'>): Source['verify'] {
  return (request, secrets, certificates) => {
    const isWorkflow = workflows && request.headers['x-hubspot-signature-v3'] === undefined;
    return (isWorkflow ? byVersion2 : byVersion3)(request, secrets, certificates);
  };
}

const timestamp = (request: RawRequest) => requiredHeader(request, 'x-hubspot-request-timestamp');

const byVersion3 = hmac({
  header: 'x-hubspot-signature-v3',
  encoding: 'base64',
  signed: (request) => [request.method, decodedUri(request.url), request.body, timestamp(request)],
  freshness: { timestamp, unit: 'milliseconds', toleranceSeconds: 300 },
});

/** HubSpot decodes these characters before it signs the URL, and no others. */
const DECODED = /%(?:3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)/gi;

function decodedUri({ href }: URL): string {
  return href.replace(DECODED, decodeURIComponent);
}

/**
 * A plain SHA-256, which is open to length extension. An extension begins with the byte 0x80, which cannot follow or
 * precede JSON, so an extended body is never read.
 */
const byVersion2: Source['verify'] = (request, secrets) => {
  const given = requiredHeader(request, 'x-hubspot-signature');
  if (request.headers['x-hubspot-signature-version'] !== 'v2')
    throw new Unauthenticated('the signature version is neither 2 nor 3');
  return verifyWith(request, secrets, (secret) => {
    const signed = createHash('sha256')
      .update(secret + request.method + request.url.href)
      .update(request.body);
    return sameText(given, signed.digest('hex'));
  });
};
