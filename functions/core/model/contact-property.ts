import type { Kind } from './signal.ts';

/** The kind of signal by property of a HubSpot contact and its new value, in lower case. `*` matches any other value. */
const KINDS: Readonly<Record<string, Readonly<Record<string, Kind>>>> = {
  hs_email_optout: { true: 'opt_out', false: 'resubscribe', '': 'resubscribe' }, // and hs_email_optout_<list>
  hs_email_bad_address: { true: 'hard_bounce', false: 'resubscribe', '': 'resubscribe' },
  hs_email_hard_bounce_reason_enum: { unknown_user: 'hard_bounce', '': 'resubscribe', '*': 'soft_bounce' },
};

/** Returns what a property, by its name in lower case, with this value means. */
export function kindOfProperty(property: string, value: string): Kind {
  const word = value.toLowerCase();
  const name = listOfProperty(property) === undefined ? property : 'hs_email_optout';
  const kinds = Object.hasOwn(KINDS, name) ? KINDS[name] : undefined;
  return (kinds && Object.hasOwn(kinds, word) ? kinds[word] : kinds?.['*']) ?? 'ignored';
}

/** Returns the subscription type that a property is about, or undefined if it is about the whole contact. */
export function listOfProperty(property: string): string | undefined {
  return /^hs_email_optout_(\d+)$/.exec(property)?.[1];
}
