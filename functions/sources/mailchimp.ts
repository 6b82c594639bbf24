import type { Kind, Signal } from '../core/model/signal.ts';
import { closestRow } from '../core/payload/closest-row.ts';
import type { FormFields } from '../core/payload/form.ts';
import { field, formOf, requiredField } from '../core/payload/form.ts';
import type { RawRequest } from '../core/payload/http.ts';
import { readEvent } from '../core/readers/sender-event.ts';
import { hmac, valuesOf } from '../core/verify/hmac.ts';
import { sharedSecret } from '../core/verify/shared-secret.ts';
import type { Source } from '../core/verify/source.ts';
import { requiredHeader } from '../core/verify/verify.ts';

/**
 * Mailchimp's audience webhooks, one event each, as a form with bracketed names. The secret is the webhook's signing secret
 * or, for webhooks that are not signed, the value of `?key=` in the URL. Either one is enough.
 * Events: https://mailchimp.com/developer/marketing/guides/sync-audience-data-webhooks/
 * Signature: https://mailchimp.com/developer/marketing/api/list-webhooks/
 */
export const mailchimp: Source = {
  name: 'mailchimp',
  scheme: 'signature',

  verify(request, secrets, world) {
    try {
      return sharedSecret(request, secrets, world);
    } catch (error) {
      if (request.headers[SIGNATURE] === undefined) throw error; // a webhook with a key in its URL may start to sign
      return signature(request, secrets, world);
    }
  },

  read: (request) => ({ signals: signalsOf(formOf(request), request), unreadable: [] }),
};

/** By `type`, `data[action]` and `data[reason]`. */
const KINDS: Readonly<Record<string, Kind>> = {
  unsubscribe: 'opt_out',
  'unsubscribe unsub abuse': 'complaint',
  'unsubscribe delete': 'suppressed', // the contact was archived or deleted by a user of the account
  'unsubscribe archive': 'suppressed', // the same, in the words of the user interface
  'unsubscribe delete abuse': 'complaint',
  'cleaned hard': 'hard_bounce',
  'cleaned abuse': 'complaint',
  subscribe: 'resubscribe',
};

const SIGNATURE = 'x-mailchimp-signature';
const timestampOf = (request: RawRequest) => valuesOf('t')(requiredHeader(request, SIGNATURE))[0] ?? '';
const signature = hmac({
  header: SIGNATURE,
  signatures: valuesOf('v1'),
  encoding: 'hex',
  signed: (request) => [`${timestampOf(request)}.`, request.body],
  freshness: { timestamp: timestampOf, toleranceSeconds: 300 },
});

function signalsOf(form: FormFields, request: RawRequest): readonly Signal[] {
  const data = (name: string) => field(form, `data[${name}]`);
  const type = requiredField(form, 'type').toLowerCase();
  const action = type === 'unsubscribe' ? [data('action') ?? 'unsub'] : [];
  const kind = closestRow(KINDS, [type, ...action, data('reason')]);
  const list = data('list_id');
  const isOfList = list !== undefined && (kind === 'opt_out' || kind === 'resubscribe');
  const reported = {
    kind,
    scope: isOfList ? { list } : ('all' as const),
    address: data('email') ?? data('new_email'), // upemail: the address changed, which is not an opt-out
    times: [field(form, 'fired_at')],
    zone: 'UTC' as const,
    key: [type, data('id'), list],
  };
  return readEvent(reported, request);
}
