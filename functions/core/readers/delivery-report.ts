import type { EmailAddress } from '../model/email-address.ts';
import { parseMailbox } from '../model/email-address.ts';
import type { Kind } from '../model/signal.ts';
import { rowOf } from '../payload/fields.ts';
import type { Field, Fields } from '../payload/mail.ts';
import { collectFields, fieldLists, firstWord } from '../payload/mail.ts';
import { isMailboxGone } from './bounce-codes.ts';

/**
 * Reads what a delivery report says about a recipient. Several groups about one recipient are about the members of an alias:
 * the mailbox is gone only if every one of them says so, in whatever order they are.
 *
 * @see https://www.rfc-editor.org/rfc/rfc3464
 */
export function deliveryKind(text: string, email: EmailAddress): Kind {
  const groups = fieldLists(text).flatMap(recipientGroups);
  return weakest(groups.filter((group) => recipientsOf(group).includes(email)).map(kindOf));
}

const WEAKEST_FIRST: readonly Kind[] = ['ignored', 'soft_bounce', 'hard_bounce'];

function weakest(kinds: readonly Kind[]): Kind {
  return WEAKEST_FIRST.find((kind) => kinds.includes(kind)) ?? 'ignored';
}

/** By `Action`. The codes of a failure decide whether it is a hard bounce. */
const ACTIONS: Readonly<Record<string, Kind>> = {
  failed: 'hard_bounce',
  failure: 'hard_bounce', // against the RFC
  delayed: 'soft_bounce',
  delivered: 'ignored',
  relayed: 'ignored',
  expanded: 'ignored', // to the members of a list, each of whom gets a report
};

function kindOf(group: Fields): Kind {
  const kind = weakest(valuesOf(group, 'action').map((action) => rowOf(ACTIONS, firstWord(action)) ?? 'ignored'));
  const isGone = isMailboxGone(valuesOf(group, 'status').join(' '), valuesOf(group, 'diagnostic-code').join(' '));
  return kind === 'hard_bounce' && !isGone ? 'soft_bounce' : kind;
}

/** Splits a block about several recipients that lacks the empty lines between them. */
function recipientGroups(block: readonly Field[]): readonly Fields[] {
  if (block.filter(({ name }) => name === 'final-recipient').length < 2) return [collectFields(block)];
  let group: Field[] = [];
  const groups = [group];
  for (const field of block) {
    if (beginsGroup(field, group)) {
      group = [];
      groups.push(group);
    }
    group.push(field);
  }
  return groups.map(collectFields);
}

const RECIPIENT_FIELDS = ['original-recipient', 'final-recipient'];
const isRecipient = ({ name }: Field): boolean => RECIPIENT_FIELDS.includes(name);

/** The two recipient fields of a group are in any order, next to each other. */
function beginsGroup(field: Field, group: readonly Field[]): boolean {
  if (!isRecipient(field) || !group.some(isRecipient)) return false;
  const last = group.at(-1);
  return group.some(({ name }) => name === field.name) || (last !== undefined && !isRecipient(last));
}

function recipientsOf(group: Fields): readonly (EmailAddress | undefined)[] {
  return RECIPIENT_FIELDS.flatMap((name) => valuesOf(group, name)).map(addressIn);
}

/** Parses `rfc822; Ada@example.com`. Some servers omit the type or add angle brackets, against the RFC. */
export function addressIn(recipient: string): EmailAddress | undefined {
  try {
    return parseMailbox(recipient.replace(/^[\w-]*\s*;/, ''));
  } catch {
    return undefined;
  }
}

function valuesOf(group: Fields, name: string): readonly string[] {
  return group.get(name) ?? [];
}
