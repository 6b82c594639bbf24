import type { Link, TokenSealer } from '../links/sealed-link.ts';
import { tokenIn } from '../links/sealed-link.ts';
import type { EmailAddress } from '../model/email-address.ts';
import { InvalidToken } from '../model/errors.ts';
import type { Kind } from '../model/signal.ts';
import type { Fields, Mail } from '../payload/mail.ts';
import { wordOf } from '../payload/mail.ts';
import type { MailReport } from '../readers/mail-reports.ts';
import { bounceIn, reportIn } from '../readers/mail-reports.ts';
import type { IngestPorts } from './ingest.ts';
import { ingest } from './ingest.ts';
import { personSignal } from './person.ts';
import type { Policy } from './policy.ts';

export interface MailboxPorts extends IngestPorts {
  readonly unsealLink: TokenSealer['unsealLink'];
  /** Hashes with the link key, so that a command's id cannot be computed without it. */
  readonly keyedHash: (text: string) => Promise<string>;
  readonly policyOf: (source: string) => Policy;
  /** The names of the configured brands. */
  readonly brands: readonly string[];
}

/** How a message arrived. */
export interface MailArrival {
  /** Where the message is stored. No other message has this key, and a repeated S3 event has the same. */
  readonly objectKey: string;
  /** When the message was stored. */
  readonly receivedAt: Date;
}

/** The source name of the commands. */
export const SOURCE = 'mailbox';

/**
 * Ingests a bounce, a complaint or a `mailto:` unsubscribe that carries a sealed token, and counts all other mail as
 * ignored. Anyone can send any message, so the recipient is read from the token alone.
 *
 * @throws only for failures of the relay, which are worth a retry.
 */
export async function ingestMail(mail: Mail, arrival: MailArrival, ports: MailboxPorts): Promise<void> {
  const { objectKey, receivedAt } = arrival;
  const { report, brands, policyOf } = ports;
  const message = tokenMessageIn(mail);
  if (!message) return report({ event: 'signals.ignored', source: SOURCE, count: 1 });
  const link = await unseal(message.token, receivedAt, ports);
  if (!link)
    return report({ event: 'request.unauthenticated', source: SOURCE, reason: 'token not issued by this relay' });
  const { email } = link;
  // If the link's brand has been removed since, it is an opt-out from all brands.
  const brand = brands.find((each) => each === link.brand);
  const kind = message.kindFor?.(email) ?? 'opt_out';
  // A person's message is one act, however often S3 reports it. A second message is a new act.
  const eventKey = message.kindFor
    ? await reportKey({ email, brand, kind, receivedAt }, ports)
    : await ports.keyedHash(objectKey);
  const signal = { ...personSignal({ email, occurredAt: receivedAt, eventKey }), kind };
  const signals = { signals: [signal], unreadable: [] };
  await ingest(signals, { source: SOURCE, brand, receivedAt, policy: policyOf(SOURCE) }, ports);
}

/** The parts of a report's key. The holder of one link can cause one command per kind and day, with any number of reports. */
interface ReportedOn {
  readonly email: EmailAddress;
  readonly brand: string | undefined;
  readonly kind: Kind;
  readonly receivedAt: Date;
}

/** The report's own ids, such as `Message-ID`, are not used: its sender chooses them. */
function reportKey({ email, brand = '', kind, receivedAt }: ReportedOn, { keyedHash }: MailboxPorts): Promise<string> {
  const day = receivedAt.toISOString().slice(0, 'yyyy-mm-dd'.length);
  return keyedHash(`${email} ${brand} ${kind} ${day}`);
}

/** A message that carries a token. */
interface TokenMessage {
  readonly token: string;
  /** The kind that a report states for the recipient. Undefined for a person's own unsubscribe. */
  readonly kindFor?: (email: EmailAddress) => Kind;
}

/** Returns undefined for a message that is not a report or an unsubscribe, or has no token. */
function tokenMessageIn(mail: Mail): TokenMessage | undefined {
  const report = reportIn(mail);
  return report ? withToken(report) : (withToken(bounceIn(mail)) ?? unsubscribeIn(mail));
}

function withToken(report: MailReport | undefined): TokenMessage | undefined {
  const token = report?.returned.map(tokenOf).find((each) => each !== undefined);
  return report && token !== undefined ? { token, kindFor: report.kindFor } : undefined;
}

/** The header fields of a returned message that may carry its token. */
const TOKEN_FIELDS = ['list-unsubscribe', 'x-optout-token'];

function tokenOf(header: Fields): string | undefined {
  return TOKEN_FIELDS.flatMap((name) => header.get(name) ?? [])
    .map(tokenIn)
    .find((token) => token !== undefined);
}

/**
 * An automatic reply puts words before the subject that it answers. A mail client that unsubscribes for its user sends the
 * subject of the link unchanged, and Apple Mail marks that message `Auto-Submitted: auto-replied`.
 */
function unsubscribeIn({ fields, subject }: Mail): TokenMessage | undefined {
  const token = tokenIn(subject);
  if (token === undefined) return undefined;
  const isTokenAlone = subject.replace(/\s+/g, '') === token;
  return isTokenAlone || !isAutomatic(fields) ? { token } : undefined;
}

/** RFC 3834, and the headers in use before it. */
function isAutomatic(fields: Fields): boolean {
  const isOneOf = (name: string, words: readonly unknown[]) => words.includes(wordOf(fields, name));
  return (
    !isOneOf('auto-submitted', [undefined, '', 'no']) ||
    isOneOf('precedence', ['bulk', 'junk', 'list', 'auto_reply']) ||
    ['x-autoreply', 'x-autorespond', 'x-autoresponder'].some((name) => fields.has(name)) ||
    isOneOf('return-path', ['<>'])
  );
}

async function unseal(token: string, now: Date, { unsealLink }: MailboxPorts): Promise<Link | undefined> {
  try {
    return await unsealLink(token, now);
  } catch (error) {
    if (error instanceof InvalidToken) return undefined;
    throw error;
  }
}
