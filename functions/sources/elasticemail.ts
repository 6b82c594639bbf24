import { parseEmailAddress } from '../core/model/email-address.ts';
import type { Kind, Signal } from '../core/model/signal.ts';
import { closestRow } from '../core/payload/closest-row.ts';
import { textField } from '../core/payload/fields.ts';
import { field, formOf } from '../core/payload/form.ts';
import type { RawRequest } from '../core/payload/http.ts';
import { sharedSecret } from '../core/verify/shared-secret.ts';
import type { Source } from '../core/verify/source.ts';

/**
 * Elastic Email's HTTP notifications: one event each, its parameters in a form or in the URL's query. They are not
 * signed: the secret is what stands in the notification URL as `?key=`.
 * Events: https://help.elasticemail.com/en/articles/4804685-notification-settings
 * Categories: https://help.elasticemail.com/en/articles/2300650-what-are-the-bounce-error-categories-and-filters
 */
export const elasticemail: Source = {
  name: 'elasticemail',
  scheme: 'shared-secret',

  verify: sharedSecret,
  read: (request) => ({ signals: signalsOf(request), unreadable: [] }),
};

/** By `status` and, where it matters, `category`; without case and blanks. */
const KINDS: Readonly<Record<string, Kind>> = {
  unsubscribed: 'opt_out',
  abusereport: 'complaint',
  error: 'soft_bounce',
  'error nomailbox': 'hard_bounce',
  'error ignore': 'suppressed', // on the list of bounces and unsubscribes already
  'error notdelivered': 'suppressed',
  'error suppressed': 'suppressed',
  'error manualcancel': 'ignored', // somebody stopped the sending
};

function signalsOf(request: RawRequest): readonly Signal[] {
  const form = formOf(request);
  const told = (name: string) => field(form, name) ?? request.url.searchParams.get(name) ?? '';
  const status = textField({ status: told('status') }, 'status');
  const [word, category] = [status, told('category')].map((text) => text.toLowerCase().replaceAll(' ', ''));
  const kind = closestRow(KINDS, [word, category]);
  if (kind === undefined && told('to') === '') return [];
  const date = textField({ date: told('date') }, 'date');
  return [
    {
      kind: kind ?? 'ignored',
      scope: 'all',
      email: parseEmailAddress(told('to')),
      eventKey: [told('transaction'), told('messageid'), status, date].join(' '),
      occurredAt: utcTime(date) ?? request.receivedAt,
      confidence: 'exact',
    },
  ];
}

const DATE = /^(?:\d{4}-\d\d-\d\d[T ]|\d{1,2}\/\d{1,2}\/\d{4} )\d{1,2}:\d\d:\d\d(?:\.\d+)?(?: [AP]M)?$/;

/** "Date and time of the event, UTC", of which no example is documented: in a form we do not know, it happened just now. */
function utcTime(date: string): Date | undefined {
  const epochMs = DATE.test(date) ? Date.parse(`${date.replace('T', ' ')} UTC`) : Number.NaN;
  return Number.isNaN(epochMs) ? undefined : new Date(epochMs);
}
