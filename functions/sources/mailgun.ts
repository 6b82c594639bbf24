import { createHmac } from 'node:crypto';
import type { Kind, Signal } from '../core/model/signal.ts';
import { closestRow } from '../core/payload/closest-row.ts';
import type { Payload } from '../core/payload/fields.ts';
import { jsonOf, objectOf, optionalText, partOf, textField } from '../core/payload/fields.ts';
import { anyFormOf } from '../core/payload/form.ts';
import type { RawRequest } from '../core/payload/http.ts';
import { mediaType } from '../core/payload/http.ts';
import { MAX_UNVERIFIED_VALUES } from '../core/payload/json.ts';
import { hardBounceKind } from '../core/readers/sender-bounce.ts';
import { readEvent, timeIn } from '../core/readers/sender-event.ts';
import type { Source } from '../core/verify/source.ts';
import { readUnverified, sameText, verifyTimestamp, verifyWith } from '../core/verify/verify.ts';

/**
 * Mailgun's webhooks, and its legacy webhooks, which post a form. The signature is in the body and covers a time and a token,
 * but not the event. The secret is the signing key, or `<signing key>:<word>` to require `?key=<word>` in the URL too.
 * Events: https://documentation.mailgun.com/docs/mailgun/user-manual/events/events
 * Signature: https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks
 */
export const mailgun: Source = {
  name: 'mailgun',
  scheme: 'signature',

  verify(request, secrets) {
    verifyWith(request, secrets, (secret) => isAddressed(request, secret)); // before the body is parsed
    const signature = readUnverified(() => signatureOf(bodyOf(request)));
    const verified = verifyWith(
      request,
      secrets,
      (secret) => isAddressed(request, secret) && isSigned(signature, secret),
    );
    verifyTimestamp(textField(signature, 'timestamp'), request.receivedAt, TOLERANCE_SECONDS);
    return verified;
  },
  read: (request) => ({ signals: signalsOf(bodyOf(request), request), unreadable: [] }),
};

/** By event. Failures also by severity and reason. Webhooks have other names than events (`permanent_fail`). */
const KINDS: Readonly<Record<string, Kind>> = {
  unsubscribed: 'opt_out',
  complained: 'complaint',
  failed: 'soft_bounce',
  permanent_fail: 'hard_bounce', // a hard bounce only if the reply says so, see kindOf
  'failed permanent': 'hard_bounce', // the same
  'failed permanent espblock': 'soft_bounce', // the sender was rejected, not the address
  'failed permanent old': 'soft_bounce', // dropped after hours of temporary failures
  'failed permanent suppress-bounce': 'suppressed',
  'failed permanent suppress-complaint': 'suppressed',
  'failed permanent suppress-unsubscribe': 'suppressed',
  bounced: 'hard_bounce', // legacy, the same
  dropped: 'suppressed', // legacy: not sent because of an earlier event, or given up
};

const TEST_ADDRESS = 'alice@example.com'; // the recipient in Mailgun's samples
const TOLERANCE_SECONDS = 12 * 60 * 60; // retries run for eight hours and may carry the original time

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

const signatureOf = (body: Payload): Payload => objectOf(body.signature, 'signature');

/** Returns both formats in the current shape. A legacy user variable may repeat a field's name, before or after the field. */
function bodyOf(request: RawRequest): Payload {
  if (mediaType(request) === 'application/json')
    return objectOf(jsonOf(request.body, MAX_UNVERIFIED_VALUES), 'the body');
  const fields = [...anyFormOf(request)];
  const signature = Object.fromEntries(fields.map(([name, values]) => [name, values.at(-1)]));
  const event = Object.fromEntries(fields.map(([name, values]) => [name, values[0]]));
  return { signature, 'event-data': { ...event, id: undefined, timestamp: signature.timestamp } };
}

function signalsOf(body: Payload, request: RawRequest): readonly Signal[] {
  const event = objectOf(body['event-data'], 'event-data');
  const words = [textField(event, 'event'), optionalText(event, 'severity'), optionalText(event, 'reason')];
  const id = optionalText(event, 'id'); // unique within a day
  const day = (timeIn(event.timestamp) ?? request.receivedAt).toISOString().slice(0, 'yyyy-mm-dd'.length);
  const reported = {
    kind: kindOf(event, closestRow(KINDS, words)),
    address: event.recipient,
    isTest: (email: string) => email === TEST_ADDRESS,
    times: [event.timestamp],
    id: id ? `${id} ${day}` : optionalText(signatureOf(body), 'token'),
  };
  return readEvent(reported, request);
}

/** `permanent` means that Mailgun does not try again, for whatever reason. */
function kindOf(event: Payload, kind: Kind | undefined): Kind | undefined {
  if (kind !== 'hard_bounce') return kind;
  const status = partOf(event, 'delivery-status');
  if (optionalText(status, 'bounce-type')?.toLowerCase() === 'soft') return 'soft_bounce';
  const { code, error, notification } = event; // of the legacy form
  const reply = [status.code, status['enhanced-code'], status.message, status.description];
  return hardBounceKind({ reply: [...reply, code, error, notification] });
}
