import type { Kind, Signal } from '../core/model/signal.ts';
import { closestRow } from '../core/payload/closest-row.ts';
import type { Payload } from '../core/payload/fields.ts';
import { objectOf, optionalText, partOf, textField } from '../core/payload/fields.ts';
import type { RawRequest } from '../core/payload/http.ts';
import { hardBounceKind } from '../core/readers/sender-bounce.ts';
import { readEvent, timeIn } from '../core/readers/sender-event.ts';
import { mailgunBody, mailgunSignature } from '../core/verify/mailgun-signature.ts';
import type { Source } from '../core/verify/source.ts';

/**
 * Mailgun's webhooks, and its legacy webhooks, which post a form. The signature is in the body and covers a time and a token,
 * but not the event. The secret is the signing key, or `<signing key>:<word>` to require `?key=<word>` in the URL too.
 * Events: https://documentation.mailgun.com/docs/mailgun/user-manual/events/events
 * Signature: https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks
 */
export const mailgun: Source = {
  name: 'mailgun',
  scheme: 'signature',

  verify: mailgunSignature,
  read: (request) => ({ signals: signalsOf(mailgunBody(request), request), unreadable: [] }),
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
    id: id ? `${id} ${day}` : optionalText(partOf(body, 'signature'), 'token'),
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
