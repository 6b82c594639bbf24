import type { Kind } from '../model/signal.ts';
import { optionalText } from '../payload/fields.ts';
import { findingOf } from './bounce-codes.ts';

export interface SenderBounce {
  /** What the sender passes on of the receiving server's reply: codes and texts, as far as they are there. */
  readonly reply: readonly unknown[];
  /** The enhanced status code that the sender's own server reports, if it is separate from the reply. */
  readonly status?: string | undefined;
  /**
   * The sender has read the reply itself and says that the address is invalid. A reply that says nothing clear then stays a hard
   * bounce. @default false
   */
  readonly isClassified?: boolean;
}

/**
 * Reads a bounce that the sender calls hard or permanent. Senders use these words for refusals of the sender, the message or the
 * rate too, and a wrong hard bounce stops mail to somebody who wants it. Only a reply that is about the address, or the sender's
 * word alone without a reply, is a hard bounce.
 */
export function hardBounceKind({ reply, status, isClassified = false }: SenderBounce): Kind {
  const text = reply.map((part) => optionalText({ part }, 'part') ?? '').join(' ');
  if (status === undefined && text.trim() === '') return 'hard_bounce';
  const finding = findingOf(status ?? PERMANENT, text);
  return finding === 'gone' || (isClassified && finding === 'unclear') ? 'hard_bounce' : 'soft_bounce';
}

/** A permanent failure without a reason, as the sender's word says. */
const PERMANENT = '5.0.0';
