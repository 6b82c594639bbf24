import type { Kind, Signal } from '../core/model/signal.ts';
import { rowOf } from '../core/payload/fields.ts';
import type { FormFields } from '../core/payload/form.ts';
import { field, formOf, requiredField } from '../core/payload/form.ts';
import type { RawRequest } from '../core/payload/http.ts';
import { hardBounceKind } from '../core/readers/sender-bounce.ts';
import { readEvent } from '../core/readers/sender-event.ts';
import { sharedSecret } from '../core/verify/shared-secret.ts';
import type { Source } from '../core/verify/source.ts';

/**
 * ActiveCampaign's webhooks, and the webhook step of its automations. They are not signed. The secret is the value of `?key=` in the webhook's URL.
 * Events: https://developers.activecampaign.com/page/webhooks
 */
export const activecampaign: Source = {
  name: 'activecampaign',
  scheme: 'shared-secret',

  verify: sharedSecret,
  read: (request) => ({ signals: signalsOf(formOf(request), request), unreadable: [] }),
};

const KINDS: Readonly<Record<string, Kind>> = {
  unsubscribe: 'opt_out', // from one list, or from several at once
  bounce: 'soft_bounce', // or hard, see bounceKind
  subscribe: 'resubscribe',
};

/** The step of an automation sends the contact and the automation (`seriesid`) without a type: it ran, so it is an opt-out. */
function typeIn(fields: FormFields): string {
  return field(fields, 'seriesid') === undefined ? requiredField(fields, 'type').toLowerCase() : 'unsubscribe';
}

function signalsOf(fields: FormFields, request: RawRequest): readonly Signal[] {
  const type = typeIn(fields);
  const kind = rowOf(KINDS, type);
  const at = field(fields, 'date_time') ?? request.receivedAt.toISOString(); // never retried, so each request is an event
  const signals = readEvent(
    {
      kind: type === 'bounce' ? bounceKind(fields) : kind,
      address: field(fields, 'contact[email]'),
      times: [field(fields, 'date_time')],
      id: [type, field(fields, 'contact[id]'), at].join(' '),
    },
    request,
  );
  const lists = kind === 'opt_out' ? listsIn(fields) : [];
  if (lists.length === 0) return signals;
  return signals.flatMap((signal) =>
    lists.map((list) => ({ ...signal, scope: { list }, eventKey: `${signal.eventKey} ${list}` })),
  );
}

/** `bounce[type]` may be hard. The other fields of `bounce` are not documented: a code, and what the code or the server says. */
function bounceKind(fields: FormFields): Kind {
  if (field(fields, 'bounce[type]')?.toLowerCase() !== 'hard') return 'soft_bounce';
  const texts = [...fields].filter(([name]) => /^bounce\[(?!type\])/.test(name)).flatMap(([, values]) => values);
  return hardBounceKind({ reply: texts });
}

/** `list=3` for a change by an admin user, `list[][id]=3` for a change by the contact. List 0 means all lists. */
function listsIn(fields: FormFields): readonly string[] {
  const values = [...fields].filter(([name]) => /^list(?:\[\d*\])?(?:\[id\])?$/.test(name)).flatMap(([, all]) => all);
  return [...new Set(values)].filter((list) => list !== '' && list !== '0');
}
