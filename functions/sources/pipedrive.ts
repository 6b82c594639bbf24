import { isSameAddress } from '../core/model/email-address.ts';
import type { Kind, Signal } from '../core/model/signal.ts';
import type { Payload } from '../core/payload/fields.ts';
import { arrayOf, isObject, jsonOf, objectOf, optionalText, rowOf, textField } from '../core/payload/fields.ts';
import { readEvent } from '../core/readers/sender-event.ts';
import { sharedSecret } from '../core/verify/shared-secret.ts';
import type { Source } from '../core/verify/source.ts';
import { readEach } from '../core/verify/source.ts';

/**
 * Pipedrive's webhooks, version 2, for persons. They are not signed. The secret is the user name and password of the
 * webhook's basic auth, as `user:password`.
 * Webhooks: https://pipedrive.readme.io/docs/guide-for-webhooks-v2
 * Marketing status: https://developers.pipedrive.com/docs/api/v1/Persons
 */
export const pipedrive: Source = {
  name: 'pipedrive',
  scheme: 'shared-secret',

  verify: sharedSecret,
  read(request) {
    const event = objectOf(jsonOf(request.body), 'the body');
    const meta = objectOf(event.meta, 'meta');
    const isPerson = textField(meta, 'entity').toLowerCase() === 'person';
    const person = isPerson && isObject(event.data) ? event.data : {};
    // The status belongs to the person, so it applies to all of their addresses.
    const addresses = arrayOf(person.emails ?? [], 'data.emails').filter((each) => !isBlank(each));
    const status = optionalText(person, 'marketing_status')?.toLowerCase();
    const common = { kind: rowOf(KINDS, status), times: [meta.timestamp], id: optionalText(meta, 'id'), key: [status] };
    return readEach(addresses, ({ value }) =>
      readEvent({ ...common, address: value }, request).map((signal) =>
        isChanged(signal, event) ? signal : { ...signal, kind: 'ignored' },
      ),
    );
  },
};

/** By a person's `marketing_status`. */
const KINDS: Readonly<Record<string, Kind>> = {
  unsubscribed: 'opt_out',
  subscribed: 'resubscribe',
};

/**
 * Whether the event changes the status of this address. `previous` holds the old values of changed fields. A new phone number
 * changes nothing. A new address of an unsubscribed person is an opt-out of that address only, because the person may have
 * subscribed again with another one.
 */
function isChanged({ email }: Signal, { previous }: Payload): boolean {
  const before = isObject(previous) ? previous : {};
  if (Object.keys(before).length === 0 || 'marketing_status' in before) return true;
  if (!('emails' in before)) return false;
  const known = Array.isArray(before.emails) ? before.emails : [];
  return !known.some((each) => isObject(each) && isSameAddress(each.value, email));
}

/** An empty row of Pipedrive's form. */
function isBlank(address: unknown): boolean {
  return isObject(address) && (address.value === null || String(address.value).trim() === '');
}
