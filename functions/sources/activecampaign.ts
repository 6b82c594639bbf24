import { parseEmailAddress } from '../core/model/email-address.ts';
import type { Kind, Signal } from '../core/model/signal.ts';
import { isoTime, rowOf } from '../core/payload/fields.ts';
import type { FormFields } from '../core/payload/form.ts';
import { field, formOf, requiredField } from '../core/payload/form.ts';
import { sharedSecret } from '../core/verify/shared-secret.ts';
import type { Source } from '../core/verify/source.ts';

/**
 * ActiveCampaign's webhooks, which are not signed. The secret is the value of `?key=` in the webhook's URL.
 * Events: https://developers.activecampaign.com/page/webhooks
 */
export const activecampaign: Source = {
  name: 'activecampaign',
  scheme: 'shared-secret',

  verify: sharedSecret,
  read: (request) => ({ signals: signalsOf(formOf(request)), unreadable: [] }),
};

const KINDS: Readonly<Record<string, Kind>> = {
  unsubscribe: 'opt_out', // from one list, or from several at once
  bounce: 'soft_bounce', // `bounce[type]` may be hard
  subscribe: 'resubscribe',
};

function signalsOf(fields: FormFields): readonly Signal[] {
  const type = requiredField(fields, 'type');
  const kind = rowOf(KINDS, type);
  const address = field(fields, 'contact[email]');
  if (kind === undefined && address === undefined) return [];
  const email = parseEmailAddress(address);
  const at = field(fields, 'date_time');
  const signal: Signal = {
    kind: type === 'bounce' && isHard(fields) ? 'hard_bounce' : (kind ?? 'ignored'),
    scope: 'all',
    email,
    eventKey: [type, field(fields, 'contact[id]'), at].join(' '),
    occurredAt: isoTime(at, 'date_time'),
    confidence: 'exact',
  };
  const lists = kind === 'opt_out' ? listsIn(fields) : [];
  if (lists.length === 0) return [signal];
  return lists.map((list) => ({ ...signal, scope: { list }, eventKey: `${signal.eventKey} ${list}` }));
}

function isHard(fields: FormFields): boolean {
  return field(fields, 'bounce[type]')?.toLowerCase() === 'hard';
}

/** `list=3` for a change by an admin user, `list[][id]=3` for a change by the contact. List 0 means all lists. */
function listsIn(fields: FormFields): readonly string[] {
  const values = [...fields].filter(([name]) => /^list(?:\[\d*\])?(?:\[id\])?$/.test(name)).flatMap(([, all]) => all);
  return [...new Set(values)].filter((list) => list !== '' && list !== '0');
}
