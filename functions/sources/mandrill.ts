import type { Kind, Signal } from '../core/model/signal.ts';
import { closestRow } from '../core/payload/closest-row.ts';
import type { Payload } from '../core/payload/fields.ts';
import { arrayOf, isObject, optionalText, textField } from '../core/payload/fields.ts';
import { formOf, jsonIn } from '../core/payload/form.ts';
import type { RawRequest } from '../core/payload/http.ts';
import { hardBounceKind } from '../core/readers/sender-bounce.ts';
import { readEvent } from '../core/readers/sender-event.ts';
import { mandrillSignature } from '../core/verify/mandrill-signature.ts';
import type { Source } from '../core/verify/source.ts';
import { readEach } from '../core/verify/source.ts';

/**
 * The webhooks of Mandrill (Mailchimp Transactional): a form whose field `mandrill_events` is a JSON array. The secret is
 * the webhook's key. The signature covers the form and the URL as entered in Mandrill.
 * Events: https://mailchimp.com/developer/transactional/docs/webhooks/
 * Signature: https://mailchimp.com/developer/transactional/guides/track-respond-activity-webhooks/#authenticating-webhook-requests
 */
export const mandrill: Source = {
  name: 'mandrill',
  scheme: 'signature',

  verify: mandrillSignature,

  read(request) {
    const events = jsonIn(formOf(request), 'mandrill_events');
    return readEach(arrayOf(events, 'mandrill_events'), (event) => signalsOf(event, request));
  },
};

/** Message events by `event`. Changes of the reject and allow lists by `type`, `action` and the entry's reason. */
const KINDS: Readonly<Record<string, Kind>> = {
  unsub: 'opt_out',
  spam: 'complaint',
  hard_bounce: 'hard_bounce', // but see kindOf
  soft_bounce: 'soft_bounce',
  deferral: 'soft_bounce',
  reject: 'suppressed', // not sent: the address was already on the reject list
  'blacklist add': 'suppressed',
  'blacklist add unsub': 'opt_out',
  'blacklist add spam': 'complaint',
  'blacklist add hard-bounce': 'hard_bounce',
  'blacklist add soft-bounce': 'soft_bounce',
  'blacklist remove': 'resubscribe',
  'whitelist add': 'resubscribe',
};

const TEST_ADDRESS = 'example.webhook@mandrillapp.com'; // the recipient of "Send Test"

function signalsOf(event: Payload, request: RawRequest): readonly Signal[] {
  const word = optionalText(event, 'event') ?? `${textField(event, 'type')} ${textField(event, 'action')}`;
  const subject = [event.msg, event.reject, event.entry].find(isObject) ?? {};
  const reported = {
    kind: kindOf(subject, closestRow(KINDS, [word, optionalText(subject, 'reason')])),
    address: subject.email,
    isTest: (email: string) => email === TEST_ADDRESS,
    times: [event.ts, subject.created_at],
    zone: 'UTC' as const,
    key: [optionalText(event, '_id'), word], // `_id` identifies the message
  };
  return readEvent(reported, request);
}

/** Values of `bounce_description` that are about the address. Any other, such as `general`, leaves the decision to the reply. */
const BAD_ADDRESS: Readonly<Record<string, true>> = { bad_mailbox: true, invalid_domain: true };

function kindOf(subject: Payload, kind: Kind | undefined): Kind | undefined {
  if (kind !== 'hard_bounce') return kind;
  const description = optionalText(subject, 'bounce_description'); // an entry of the reject list has none, and `detail`
  const isClassified = description === undefined || closestRow(BAD_ADDRESS, [description]) === true;
  return hardBounceKind({ reply: [subject.diag ?? subject.detail], isClassified });
}
