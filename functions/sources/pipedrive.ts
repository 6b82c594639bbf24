import type { EmailAddress } from '../core/model/email-address.ts';
import { isSameAddress, parseEmailAddress } from '../core/model/email-address.ts';
import type { Kind } from '../core/model/signal.ts';
import type { Payload } from '../core/payload/fields.ts';
import {
  arrayOf,
  isObject,
  isoTime,
  jsonOf,
  objectOf,
  optionalText,
  rowOf,
  textField,
} from '../core/payload/fields.ts';
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
    const person = textField(meta, 'entity') === 'person' && isObject(event.data) ? event.data : {};
    // The status belongs to the person, so it applies to all of their addresses.
    const addresses = arrayOf(person.emails ?? [], 'data.emails').filter((each) => !isBlank(each));
    const kind = rowOf(KINDS, optionalText(person, 'marketing_status')) ?? 'ignored';
    return readEach(addresses, ({ value }) => {
      const email = parseEmailAddress(value);
      return [
        {
          kind: isChanged(email, event) ? kind : 'ignored',
          scope: 'all',
          email,
          eventKey: textField(meta, 'id'),
          occurredAt: isoTime(meta.timestamp, 'meta.timestamp'),
          confidence: 'exact',
        },
      ];
    });
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
function isChanged(email: EmailAddress, { previous }: Payload): boolean {
  const before = isObject(previous) ? previous : {};
  if (Object.keys(before).length === 0 || 'marketing_status' in before) return true;
  if (!('emails' in before)) return false;
  const known = Array.isArray(before.emails) ? before.emails : [];
  return !known.some((each) => isObject(each) && isSameAddress(each.value, email));
}

/** An empty row of Pipedrive's form. */
function isBlank(address: unknown): boolean {
  return isObject(address) && address.value === '';
}
