import { parseEmailAddress } from '../core/model/email-address.ts';
import type { Kind, Signal } from '../core/model/signal.ts';
import { closestRow } from '../core/payload/closest-row.ts';
import { textField } from '../core/payload/fields.ts';
import { field, formOf } from '../core/payload/form.ts';
import type { RawRequest } from '../core/payload/http.ts';
import { sharedSecret } from '../core/verify/shared-secret.ts';
import type { Source } from '../core/verify/source.ts';

/**
 * Elastic Email's HTTP notifications, one event each, with parameters in a form or in the URL's query. They are not signed.
 * The secret is the value of `?key=` in the notification URL.
 * Events: https://help.elasticemail.com/en/articles/4804685-notification-settings
 * Categories: https://help.elasticemail.com/en/articles/2300650-what-are-the-bounce-error-categories-and-filters
 */
export const elasticemail: Source = {
  name: 'elasticemail',
  scheme: 'shared-secret',

  verify: sharedSecret,
  read: (request) => ({ signals: signalsOf(request), unreadable: [] }),
};

/** By `status` and `category`, without case and spaces. */
const KINDS: Readonly<Record<string, Kind>> = {
  unsubscribed: 'opt_out',
  abusereport: 'complaint',
  error: 'soft_bounce',
  'error nomailbox': 'hard_bounce',
  'error ignore': 'suppressed', // already on the list of bounces and unsubscribes
  'error notdelivered': 'suppressed',
  'error suppressed': 'suppressed',
  'error manualcancel': 'ignored', // the sending was stopped by hand
};

function signalsOf(request: RawRequest): readonly Signal[] {
  const form = formOf(request);
  const parameter = (name: string) => field(form, name) ?? request.url.searchParams.get(name) ?? '';
  const status = textField({ status: parameter('status') }, 'status');
  const [word, category] = [status, parameter('category')].map((text) => text.toLowerCase().replaceAll(' ', ''));
  const kind = closestRow(KINDS, [word, category]);
  if (kind === undefined && parameter('to') === '') return [];
  const date = textField({ date: parameter('date') }, 'date');
  return [
    {
      kind: kind ?? 'ignored',
      scope: 'all',
      email: parseEmailAddress(parameter('to')),
      eventKey: [parameter('transaction'), parameter('messageid'), status, date].join(' '),
      occurredAt: utcTime(date) ?? request.receivedAt,
      confidence: 'exact',
    },
  ];
}

const DATE = /^(?:\d{4}-\d\d-\d\d[T ]|\d{1,2}\/\d{1,2}\/\d{4} )\d{1,2}:\d\d:\d\d(?:\.\d+)?(?: [AP]M)?$/;

/** "Date and time of the event, UTC", documented without an example. An unknown format gives the time of arrival. */
function utcTime(date: string): Date | undefined {
  const epochMs = DATE.test(date) ? Date.parse(`${date.replace('T', ' ')} UTC`) : Number.NaN;
  return Number.isNaN(epochMs) ? undefined : new Date(epochMs);
}
