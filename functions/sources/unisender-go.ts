import { createHash } from 'node:crypto';
import { parseEmailAddress } from '../core/model/email-address.ts';
import { Unauthenticated } from '../core/model/errors.ts';
import type { Kind, Signal } from '../core/model/signal.ts';
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
import type { Source } from '../core/verify/source.ts';
import { readEach } from '../core/verify/source.ts';
import { sameText, verifyWith } from '../core/verify/verify.ts';

/**
 * Unisender Go's webhook in the format `json_post`. The secret is the API key of the account or project.
 * Events and `auth`: https://godocs.unisender.ru/web-api-ref#callback-format
 */
export const unisenderGo: Source = {
  name: 'unisender-go',
  scheme: 'signature',

  verify(request, secrets) {
    const body = Buffer.from(request.body).toString('latin1'); // one character for each byte
    const found = AUTH.exec(body);
    if (found === null) throw new Unauthenticated('auth is missing');
    const [before, after] = [body.slice(0, found.index), body.slice(found.index + found[0].length)];
    return verifyWith(request, secrets, (apiKey) => {
      const hash = createHash('md5').update(before, 'latin1').update(apiKey).update(after, 'latin1');
      return sameText(hash.digest('hex'), found[0]);
    });
  },

  read(request) {
    const users = arrayOf(objectOf(jsonOf(request.body), 'the body').events_by_user, 'events_by_user');
    return readEach(users.flatMap(eventsOf), signalsOf);
  },
};

/** The hash of the body in which the API key takes the place of this hash. */
const AUTH = /(?<="auth"\s*:\s*")[0-9a-f]{32}(?=")/;

const KINDS: Readonly<Record<string, Kind>> = {
  unsubscribed: 'opt_out',
  spam: 'complaint',
  hard_bounced: 'hard_bounce',
  soft_bounced: 'soft_bounce',
  subscribed: 'resubscribe',
};

/** An entry without events counts as one unreadable event. */
function eventsOf(user: unknown): readonly unknown[] {
  return isObject(user) && Array.isArray(user.events) ? user.events : [user];
}

function signalsOf(event: Payload): readonly Signal[] {
  if (textField(event, 'event_name') !== 'transactional_email_status') return []; // transactional_spam_block
  const data = objectOf(event.event_data, 'event_data');
  const status = textField(data, 'status');
  const kind = rowOf(KINDS, status);
  if (kind === undefined && data.email === undefined) return [];
  const email = parseEmailAddress(data.email);
  const time = textField(data, 'event_time');
  return [
    {
      kind: kindOf(data, kind),
      scope: 'all',
      email,
      eventKey: [optionalText(data, 'job_id'), email, status, time].join(' '),
      occurredAt: isoTime(`${time.replace(' ', 'T')}Z`, 'event_time'),
      confidence: 'exact',
    },
  ];
}

/** Unisender Go does not send to unsubscribed addresses, and reports that as a hard bounce. */
function kindOf({ delivery_info: info }: Payload, kind: Kind = 'ignored'): Kind {
  const isKnown = kind === 'hard_bounce' && isObject(info) && info.delivery_status === 'err_unsubscribed';
  return isKnown ? 'suppressed' : kind;
}
