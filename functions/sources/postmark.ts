import { parseEmailAddress } from '../core/model/email-address.ts';
import type { Kind, Signal } from '../core/model/signal.ts';
import type { Payload } from '../core/payload/fields.ts';
import { isoTime, jsonOf, objectOf, optionalText, rowOf, textField } from '../core/payload/fields.ts';
import { sharedSecret } from '../core/verify/shared-secret.ts';
import type { Source } from '../core/verify/source.ts';

/**
 * Postmark's webhooks, one event each, which are not signed. The secret is the `user:password` (or the password alone) in the
 * webhook's URL or basic auth, or the value of a custom header.
 * Events: https://postmarkapp.com/developer/webhooks/webhooks-overview
 * Bounce types: https://postmarkapp.com/developer/api/bounce-api#bounce-types
 */
export const postmark: Source = {
  name: 'postmark',
  scheme: 'shared-secret',

  verify: sharedSecret,
  read: (request) => ({ signals: signalsOf(objectOf(jsonOf(request.body), 'the body')), unreadable: [] }),
};

const KINDS: Readonly<Record<string, (event: Payload) => Kind>> = {
  Bounce: (event) => rowOf(BOUNCES, textField(event, 'Type')) ?? 'ignored',
  SpamComplaint: () => 'complaint',
  SubscriptionChange: (event) => (event.SuppressSending === false ? 'resubscribe' : suppression(event)),
};

/** By `Type`. Other types say nothing about the mailbox: out of office, address changes, challenges, viruses. */
const BOUNCES: Readonly<Record<string, Kind>> = {
  HardBounce: 'hard_bounce',
  BadEmailAddress: 'hard_bounce',
  ManuallyDeactivated: 'suppressed', // by a user of the account
  SpamComplaint: 'complaint',
  SpamNotification: 'complaint', // blocked by the recipient, or classified as spam
  Unsubscribe: 'opt_out',
  Subscribe: 'resubscribe',
  Blocked: 'soft_bounce',
  DMARCPolicy: 'soft_bounce',
  DnsError: 'soft_bounce',
  SoftBounce: 'soft_bounce',
  Transient: 'soft_bounce',
};

/** By `SuppressionReason`. */
const SUPPRESSIONS: Readonly<Record<string, Kind>> = {
  HardBounce: 'hard_bounce',
  SpamComplaint: 'complaint',
  ManualSuppression: 'opt_out', // by the recipient, unless `Origin` names the account
};

/** Values of `Origin` for a suppression that the recipient did not request: Postmark's UI, its API, its staff. */
const NOT_RECIPIENT: readonly unknown[] = ['Customer', 'Admin'];

function suppression(event: Payload): Kind {
  const kind = rowOf(SUPPRESSIONS, optionalText(event, 'SuppressionReason')) ?? 'suppressed';
  return kind === 'opt_out' && NOT_RECIPIENT.includes(event.Origin) ? 'suppressed' : kind;
}

function signalsOf(event: Payload): readonly Signal[] {
  const record = textField(event, 'RecordType');
  const kind = rowOf(KINDS, record)?.(event);
  const address = event.Email ?? event.Recipient;
  const times = [event.BouncedAt, event.ChangedAt, event.DeliveredAt, event.ReceivedAt];
  const time = times.find((each) => typeof each === 'string');
  if (kind === undefined && (address === undefined || time === undefined)) return [];
  const stream = optionalText(event, 'MessageStream');
  const isOfStream = stream !== undefined && (kind === 'opt_out' || kind === 'resubscribe');
  const id = optionalText(event, 'ID');
  const key = id === undefined ? [optionalText(event, 'MessageID'), stream, time] : [id];
  return [
    {
      kind: kind ?? 'ignored',
      scope: isOfStream ? { list: stream } : 'all',
      email: parseEmailAddress(address),
      eventKey: [record, ...key].join(' '),
      occurredAt: isoTime(time, 'the time'),
      confidence: 'exact',
    },
  ];
}
