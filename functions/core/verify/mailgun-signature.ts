import { createHmac } from 'node:crypto';
import type { Payload } from '../payload/fields.ts';
import { jsonOf, objectOf, textField } from '../payload/fields.ts';
import { anyFormOf } from '../payload/form.ts';
import type { RawRequest } from '../payload/http.ts';
import { mediaType } from '../payload/http.ts';
import { MAX_UNVERIFIED_VALUES } from '../payload/json.ts';
import type { Source } from './source.ts';
import { readUnverified, sameText, verifyTimestamp, verifyWith } from './verify.ts';

const TOLERANCE_SECONDS = 12 * 60 * 60; // retries run for eight hours and may carry the original time

/**
 * Verifies Mailgun's signature, which is in the body and covers a time and a token, but not the event. The secret is the signing
 * key, or `<signing key>:<word>` to require `?key=<word>` in the URL too.
 *
 * @see https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks
 */
export const mailgunSignature: Source['verify'] = (request, secrets) => {
  verifyWith(request, secrets, (secret) => isAddressed(request, secret)); // before the body is parsed
  const signature = readUnverified(() => objectOf(mailgunBody(request).signature, 'signature'));
  const verified = verifyWith(
    request,
    secrets,
    (secret) => isAddressed(request, secret) && isSigned(signature, secret),
  );
  verifyTimestamp(textField(signature, 'timestamp'), request.receivedAt, TOLERANCE_SECONDS);
  return verified;
};

/** Whether the URL has the word that the secret requires, if it requires one. */
function isAddressed({ url }: RawRequest, secret: string): boolean {
  const [, word] = secret.split(':', 2);
  return word === undefined || (word !== '' && sameText(word, url.searchParams.get('key') ?? ''));
}

function isSigned(signature: Payload, secret: string): boolean {
  const [signingKey] = secret.split(':', 1);
  if (!signingKey) return false;
  const signed = textField(signature, 'timestamp') + textField(signature, 'token');
  const expected = createHmac('sha256', signingKey).update(signed).digest('hex');
  const given = [signature.signature, signature['parent-signature']]; // the latter signed with the parent account's key
  return given.some((each) => typeof each === 'string' && sameText(each, expected));
}

/**
 * Returns the body as JSON, and a legacy form in the same shape. A user variable of a form may repeat a field's name, before or
 * after the field.
 */
export function mailgunBody(request: RawRequest): Payload {
  if (mediaType(request) === 'application/json')
    return objectOf(jsonOf(request.body, MAX_UNVERIFIED_VALUES), 'the body');
  const fields = [...anyFormOf(request)];
  const signature = Object.fromEntries(fields.map(([name, values]) => [name, values.at(-1)]));
  const event = Object.fromEntries(fields.map(([name, values]) => [name, values[0]]));
  return { signature, 'event-data': { ...event, id: undefined, timestamp: signature.timestamp } };
}
