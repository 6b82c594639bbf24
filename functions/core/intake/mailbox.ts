import type { Link, TokenSealer } from '../links/sealed-link.ts';
import { tokenIn } from '../links/sealed-link.ts';
import type { EmailAddress } from '../model/email-address.ts';
import { InvalidToken } from '../model/errors.ts';
import { actKey } from '../model/opt-out.ts';
import type { Kind } from '../model/signal.ts';
import type { Fields, Mail } from '../payload/mail.ts';
import { fieldBlocks, wordOf } from '../payload/mail.ts';
import { isComplaint, RETURNED, reportIn } from '../readers/mail-reports.ts';
import type { IngestPorts } from './keep.ts';
import { ingest } from './keep.ts';
import type { Policy } from './policy.ts';

export interface MailboxPorts extends IngestPorts {
  readonly unsealLink: TokenSealer['unsealLink'];
  readonly policyOf: (source: string) => Policy;
  /** The names of the configured brands. */
  readonly brands: readonly string[];
}

/** How a mail came. */
export interface MailArrival {
  /** Where it is stored: no other mail has it. */
  readonly objectKey: string;
  /** When it was stored. */
  readonly receivedAt: Date;
}

/** As which commands name it. */
export const SOURCE = 'mailbox';

/**
 * Acts on a bounce, a complaint or a `mailto:` unsubscribe that carries a sealed token, and counts every other mail. Anybody can
 * write any mail, so the token alone says whom it is about. Rejects with our own failures, which are worth another try.
 */
export async function ingestMail(mail: Mail, arrival: MailArrival, through: MailboxPorts): Promise<void> {
  const { report, brands } = through;
  const { receivedAt } = arrival;
  const told = toldBy(mail);
  if (!told) return report({ event: 'signals.ignored', source: SOURCE, count: 1 });
  const link = await open(told.token, receivedAt, through);
  if (!link) return report({ event: 'request.unauthenticated', source: SOURCE, reason: 'the token is none of ours' });
  const { email } = link;
  // A link outlives the brand in it: what is left is an opt-out from everything.
  const brand = brands.find((each) => each === link.brand);
  const kind = told.kindFor(email);
  const eventKey = told.isAct ? actKey(email, brand, receivedAt) : (messageId(mail) ?? arrival.objectKey);
  const signal = { kind, scope: 'all', email, eventKey, occurredAt: receivedAt, confidence: 'exact' } as const;
  const policy = { ...through.policyOf(SOURCE), ...(brand === undefined ? {} : { brand }) };
  await ingest({ signals: [signal], unreadable: [] }, { source: SOURCE, receivedAt, policy }, through);
}

interface Told {
  readonly token: string;
  readonly kindFor: (email: EmailAddress) => Kind;
  /** A person's own act, not a machine's report. */
  readonly isAct?: true;
}

/** Undefined for a mail that asks for nothing, and for one without a token. */
function toldBy(mail: Mail): Told | undefined {
  const kindFor = mail.parts.map(reportIn).find((report) => report !== undefined);
  const returned = mail.parts.find(({ type }) => RETURNED.has(type));
  const [header] = returned ? fieldBlocks(returned.text) : [];
  if (!kindFor && !(header && isComplaint(header))) return unsubscribeIn(mail);
  const token = header && tokenOf(header);
  return token === undefined ? undefined : { token, kindFor: kindFor ?? (() => 'complaint') };
}

/** Where the token stands in a mail of ours that came back. */
const CARRIERS = ['list-unsubscribe', 'x-optout-token'];

function tokenOf(header: Fields): string | undefined {
  return CARRIERS.flatMap((name) => header.get(name) ?? [])
    .map(tokenIn)
    .find((token) => token !== undefined);
}

/**
 * An automatic reply has words before the subject that it answers; a mail client that unsubscribes for its reader puts there what
 * the link says, and Apple's calls that `Auto-Submitted: auto-replied`.
 */
function unsubscribeIn({ fields, subject }: Mail): Told | undefined {
  const token = tokenIn(subject);
  if (token === undefined) return undefined;
  const isTokenAlone = subject.replace(/\s+/g, '') === token;
  return isTokenAlone || !isAutomatic(fields) ? { token, kindFor: () => 'opt_out', isAct: true } : undefined;
}

/** RFC 3834, and what was usual before it. */
function isAutomatic(fields: Fields): boolean {
  const isOneOf = (name: string, words: readonly unknown[]) => words.includes(wordOf(fields, name));
  return (
    !isOneOf('auto-submitted', [undefined, '', 'no']) ||
    isOneOf('precedence', ['bulk', 'junk', 'list', 'auto_reply']) ||
    ['x-autoreply', 'x-autorespond', 'x-autoresponder'].some((name) => fields.has(name)) ||
    isOneOf('return-path', ['<>'])
  );
}

async function open(token: string, now: Date, { unsealLink }: MailboxPorts): Promise<Link | undefined> {
  try {
    return await unsealLink(token, now);
  } catch (error) {
    if (error instanceof InvalidToken) return undefined;
    throw error;
  }
}

function messageId({ fields }: Mail): string | undefined {
  return fields.get('message-id')?.[0];
}
