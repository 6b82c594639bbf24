import type { Kind, Signal } from '../core/model/signal.ts';
import { closestRow } from '../core/payload/closest-row.ts';
import { textField } from '../core/payload/fields.ts';
import { field, formOf, queryOf } from '../core/payload/form.ts';
import type { RawRequest } from '../core/payload/http.ts';
import { readEvent } from '../core/readers/sender-event.ts';
import { sharedSecret } from '../core/verify/shared-secret.ts';
import type { Source } from '../core/verify/source.ts';

/**
 * Elastic Email's HTTP notifications, one event each, by GET with the parameters in the query. A form is read too. They are not
 * signed. The secret is the value of `?key=` in the notification URL.
 * Events: https://help.elasticemail.com/en/articles/4804685-notification-settings
 * Categories: https://help.elasticemail.com/en/articles/2300650-what-are-the-bounce-error-categories-and-filters
 */
export const elasticemail: Source = {
  name: 'elasticemail',
  scheme: 'shared-secret',
  method: 'GET',

  verify: sharedSecret,
  read: (request) => ({ signals: signalsOf(request), unreadable: [] }),
};

/**
 * By `status` and `category`, without spaces. The other categories are about the sender, the message, or a mailbox that cannot
 * take mail now: Spam, BlackListed, SPFProblem, ContentFilter, GreyListed, AccountProblem and so on.
 */
const KINDS: Readonly<Record<string, Kind>> = {
  unsubscribed: 'opt_out',
  unsubscribe: 'opt_out', // the name in version 4 of the API
  abusereport: 'complaint', // the spam button
  complaint: 'complaint', // the name in version 4 of the API
  error: 'soft_bounce',
  'error nomailbox': 'hard_bounce',
  'error ignore': 'suppressed', // already on the list of bounces and unsubscribes
  'error notdelivered': 'suppressed',
  'error suppressed': 'suppressed',
  'error manualcancel': 'ignored', // the sending was stopped by hand
};

/** The recipient of the notification that Elastic Email sends when the URL is saved. It has no date. */
const TEST_ADDRESS = 'test@test.com';

function signalsOf(request: RawRequest): readonly Signal[] {
  const parameters = [formOf(request), queryOf(request.url)];
  const parameter = (name: string) => parameters.map((each) => field(each, name)).find((it) => it !== undefined) ?? '';
  const status = textField({ status: parameter('status') }, 'status');
  const words = [status, parameter('category')].map((text) => text.replaceAll(' ', ''));
  const date = parameter('date');
  const reported = {
    kind: closestRow(KINDS, words),
    address: parameter('to'),
    isTest: (email: string) => email === TEST_ADDRESS,
    times: [date, utcTime(date)],
    zone: 'UTC' as const,
    key: [parameter('transaction'), parameter('messageid'), status],
  };
  return readEvent(reported, request);
}

const US_DATE = /^\d{1,2}\/\d{1,2}\/\d{4} \d{1,2}:\d\d:\d\d(?: [AP]M)?$/;

/** Reads `11/2/2026 10:00:00 AM`, in UTC. The format is not documented. */
function utcTime(date: string): number | undefined {
  return US_DATE.test(date) ? Date.parse(`${date} UTC`) : undefined;
}
