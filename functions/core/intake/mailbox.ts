import type { Link, TokenSealer } from '../links/sealed-link.ts';
import { tokenIn } from '../links/sealed-link.ts';
import type { EmailAddress } from '../model/email-address.ts';
import { InvalidToken } from '../model/errors.ts';
import type { Kind } from '../model/signal.ts';
import type { Fields, Mail } from '../payload/mail.ts';
import { fieldBlocks, wordOf } from '../payload/mail.ts';
import { isComplaint, RETURNED, reportIn } from '../readers/mail-reports.ts';
import type { IngestPorts } from './ingest.ts';
import { ingest } from './ingest.ts';
import { personSignal } from './person.ts';
import type { Policy } from './policy.ts';

export interface MailboxPorts extends IngestPorts {
  readonly unsealLink: TokenSealer['unsealLink'];
  readonly policyOf: (source: string) => Policy;
  /** The names of the configured brands. */
  readonly brands: readonly string[];
}

/** Where and when a message was stored. */
export interface MailArrival {
  /** The S3 object key, unique to the message. */
  readonly objectKey: string;
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
  const { report, brands, policyOf } = ports;
  const { objectKey, receivedAt } = arrival;
  const message = tokenMessageIn(mail);
  if (!message) return report({ event: 'signals.ignored', source: SOURCE, count: 1 });
  const link = await unseal(message.token, receivedAt, ports);
  if (!link)
    return report({ event: 'request.unauthenticated', source: SOURCE, reason: 'token not issued by this relay' });
  const { email } = link;
  // If the link's brand has been removed since, it is an opt-out from all brands.
  const brand = brands.find((each) => each === link.brand);
  const optOut = personSignal({ email, brand, occurredAt: receivedAt });
  const signal = message.kindFor
    ? { ...optOut, kind: message.kindFor(email), eventKey: messageId(mail) ?? objectKey }
    : optOut;
  const signals = { signals: [signal], unreadable: [] };
  await ingest(signals, { source: SOURCE, brand, receivedAt, policy: policyOf(SOURCE) }, ports);
}

/** A message that carries a token. */
interface TokenMessage {
  readonly token: string;
  /** The kind that a report states for the recipient. Undefined for a person's own unsubscribe. */
  readonly kindFor?: (email: EmailAddress) => Kind;
}

/** Returns undefined for a message that is not a report or an unsubscribe, or has no token. */
function tokenMessageIn(mail: Mail): TokenMessage | undefined {
  const kindFor = mail.parts.map(reportIn).find((report) => report !== undefined);
  const returned = mail.parts.find(({ type }) => RETURNED.has(type));
  const [header] = returned ? fieldBlocks(returned.text) : [];
  if (!kindFor && !(header && isComplaint(header))) return unsubscribeIn(mail);
  const token = header && tokenOf(header);
  return token === undefined ? undefined : { token, kindFor: kindFor ?? (() => 'complaint') };
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

function messageId({ fields }: Mail): string | undefined {
  return fields.get('message-id')?.[0];
}
