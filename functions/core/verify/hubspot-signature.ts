import { createHash } from 'node:crypto';
import { Unauthenticated } from '../model/errors.ts';
import type { RawRequest } from '../payload/http.ts';
import { hmac } from './hmac.ts';
import type { Source } from './source.ts';
import { requiredHeader, sameText, verifyWith } from './verify.ts';

/**
 * Verifies requests from HubSpot. The secret is the client secret of the app. Version 3 is used if present, else version 2;
 * version 1 covers the body alone and is rejected. Versions 2 and 3 also cover the URL that is configured in HubSpot.
 *
 * @see https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/request-validation
 */
export const hubspotSignature: Source['verify'] = (request, secrets, certificates) => {
  const verify = request.headers['x-hubspot-signature-v3'] === undefined ? byVersion2 : byVersion3;
  return verify(request, secrets, certificates);
};

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
 * A plain SHA-256, which is open to length extension. An extension begins with the byte 0x80, which makes the body invalid
 * UTF-8, so an extended body is never read.
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
