import { createHmac } from 'node:crypto';
import { formOf } from '../payload/form.ts';
import type { RawRequest } from '../payload/http.ts';
import type { Source } from './source.ts';
import { readUnverified, requiredHeader, sameText, usable, verifyWith } from './verify.ts';

/**
 * Verifies Mandrill's signature over the form and the URL as entered in Mandrill. The secret is the webhook's key.
 *
 * @see https://mailchimp.com/developer/transactional/guides/track-respond-activity-webhooks/#authenticating-webhook-requests
 */
export const mandrillSignature: Source['verify'] = (request, secrets) => {
  const given = requiredHeader(request, 'x-mandrill-signature');
  const keys = usable(isSetUpTest(request.body) ? [...secrets, SET_UP_KEY] : secrets);
  const signed = readUnverified(() => signedText(request));
  return verifyWith(request, keys, (key) => sameText(createHmac('sha1', key).update(signed).digest('base64'), given));
};

const SET_UP_KEY = 'test-webhook';

/** Mandrill tests a new webhook with an empty list, before its key is shown. */
function isSetUpTest(body: Uint8Array): boolean {
  return /^mandrill_events=(?:\[\]|%5B%5D)$/i.test(Buffer.from(body.subarray(0, 64)).toString('latin1'));
}

function signedText(request: RawRequest): string {
  const fields = [...formOf(request)].toSorted(([left], [right]) => (left < right ? -1 : 1));
  return request.url.href + fields.map(([name, values]) => name + values.join('')).join('');
}
