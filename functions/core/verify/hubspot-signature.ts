import { createHash } from 'node:crypto';
import { Unauthenticated } from '../model/errors.ts';
import type { RawRequest } from '../payload/http.ts';
import { hmac } from './hmac.ts';
import type { Source } from './source.ts';
import { requiredHeader, sameText, verifyWith } from './verify.ts';

/**
 * The verifier of HubSpot's requests, keyed with an app's client secret: version 3, or version 2 where a request has no
 * other. Version 1 signs the body alone and is refused. All versions sign the URL as HubSpot knows it.
 * https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/request-validation
 */
export const hubspotSignature: Source['verify'] = (request, secrets, world) => {
  const verify = request.headers['x-hubspot-signature-v3'] === undefined ? byVersion2 : byVersion3;
  return verify(request, secrets, world);
};

const timestamp = (request: RawRequest) => requiredHeader(request, 'x-hubspot-request-timestamp');

const byVersion3 = hmac({
  header: 'x-hubspot-signature-v3',
  encoding: 'base64',
  signed: (request) => [request.method, decodedUri(request.url), request.body, timestamp(request)],
  freshness: { timestamp, unit: 'milliseconds', toleranceSeconds: 300 },
});

/** The characters that HubSpot has decoded in what it signs; all others stay as they are in the URL. */
const DECODED = /%(?:3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)/gi;

function decodedUri({ href }: URL): string {
  return href.replace(DECODED, decodeURIComponent);
}

/**
 * A plain hash, which a stranger could extend: but all that can be added to a body begins with byte 0x80, and a text with
 * that in it is not UTF-8, so it is not read.
 */
const byVersion2: Source['verify'] = (request, secrets) => {
  const given = requiredHeader(request, 'x-hubspot-signature');
  if (request.headers['x-hubspot-signature-version'] !== 'v2')
    throw new Unauthenticated('the signature is not of version 2 or 3');
  return verifyWith(request, secrets, (secret) => {
    const signed = createHash('sha256')
      .update(secret + request.method + request.url.href)
      .update(request.body);
    return sameText(given, signed.digest('hex'));
  });
};
