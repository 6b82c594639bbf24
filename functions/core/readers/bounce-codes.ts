/**
 * Whether a permanent failure means that the mailbox does not exist. A wrong yes stops mail to somebody who wants it, so
 * everything that is not clear is a no.
 *
 * 1. A text that speaks of the sender, a block, a policy, a limit or a full mailbox is about something else.
 * 2. Every code counts, and the weakest one decides. A code that says nothing about the mailbox, such as 5.0.0, leaves the
 *    decision to the other codes, or to the text.
 * 3. If the remote server replied, its reply must say so. The reporting server's status can only weaken it: sendmail reports
 *    5.1.1 for every 550 without an enhanced code, and 5.1.3 for every 553.
 *
 * @param status the values of `Status`
 * @param diagnostic the remote server's reply, as in `Diagnostic-Code`
 */
export function isMailboxGone(status: string, diagnostic: string): boolean {
  return findingOf(status, diagnostic) === 'gone';
}

/** What a permanent failure is about: a mailbox that does not exist, something else, or it does not say. */
export type Finding = 'gone' | 'unclear' | 'other';

/** Reads the codes and the text of a permanent failure, as `isMailboxGone` does. */
export function findingOf(status: string, diagnostic: string): Finding {
  const text = wordsOf(`${status} ${diagnostic}`);
  if (OTHER_REASON.test(text)) return 'other';
  const findingsIn = (value: string) => codesIn(value).map((code) => findingOfCode(code, text));
  const [reported, replied] = [findingsIn(status), findingsIn(diagnostic)];
  if ([...reported, ...replied].includes('other')) return 'other';
  return (replied.length > 0 ? replied : reported).includes('gone') ? 'gone' : 'unclear';
}

function findingOfCode(code: string, text: string): Finding {
  if (GONE_TEXTS.some(([codes, says]) => codes.test(code) && says.test(text))) return 'gone';
  return CODES.find(([codes]) => codes.test(code))?.[1] ?? 'other';
}

/**
 * Enhanced status codes and reply codes. A code that is not in the table is about something else: 5.2.2 (full), 5.3.4 (too
 * large), 5.7.1 (policy), 552 (full), and every temporary failure.
 *
 * @see https://www.iana.org/assignments/smtp-enhanced-status-codes
 * @see https://www.rfc-editor.org/rfc/rfc5321#section-4.2.3
 */
const CODES: readonly (readonly [codes: RegExp, finding: Finding])[] = [
  [/^5\.1\.1$/, 'gone'], // no such mailbox
  [/^5\.1\.2$/, 'gone'], // no such domain
  [/^5\.1\.3$/, 'gone'], // invalid address syntax
  [/^5\.1\.6$/, 'gone'], // moved, no forwarding address
  [/^5\.1\.10$/, 'gone'], // the domain accepts no mail (RFC 7505); Exchange: no such mailbox
  [/^5\.0\.0$/, 'unclear'], // what Postfix and Exim report for a reply without an enhanced code
  [/^5\.1\.0$/, 'unclear'], // what Cisco's gateway reports for every refused recipient, and others for a refused sender
  [/^5\.[345]\.0$/, 'unclear'], // undefined system, network and protocol failures
  [/^5(?!52)\d\d$/, 'unclear'], // the reply code of a permanent failure
];

/** The codes that a text overrides: undefined failures and plain reply codes. */
const UNDEFINED = /^5(?:\.[01345]\.0|(?!52)\d\d)$/;
/** The same, and codes that some hosts use for everything: "disabled" (AT&T), "protocol" (Yahoo) and "policy" (Yandex, Gmail). */
const ANY_REASON = /^5(?:\.[0-5]\.0|\.2\.1|\.5\.[0-4]|\.7\.1|(?!52)\d\d)$/;
/** The same, and Postfix's for a name that does not exist. */
const NO_ROUTE = /^5(?:\.[01345]\.0|\.2\.1|\.4\.4|(?!52)\d\d)$/;

const RECIPIENT = '(?:(?:local|virtual) )?(?:user|recipient|mail-?box|account|addressee|rcpt)';
const MORE_WORDS =
  '(?:for |with such )?(?:e-?mail )?(?:address )?(?:\\S+ )?(?:that you tried to reach )?(?:is |was )?(?:marked as )?';
/** In French, German, Spanish, Portuguese, Italian and Dutch. */
const RECIPIENT_ABROAD =
  '(?:utilisateur|destinataire|adresse|benutzer|empf[aä]nger|usu[aá]rio|destinat[aá]rio|cuenta|conta|utente|casella|gebruiker)';
const NOT_THERE_ABROAD =
  "(?:inconnu|n'existe|unbekannt|existiert nicht|descono?cid|desconhecid|no (?:existe|encontrad)|n[aã]o (?:existe|encontrad)|sconosciut|inesistent|non (?:esiste|trovat)|onbekend)";
const NOT_THERE = "(?:unknown|invalid|not (?:found|known|exist|listed in)|does ?n[o']t exist)";

/**
 * Texts that mean that the recipient or its domain does not exist, and the codes that they are believed with.
 *
 * @see https://smtpfieldmanual.com replies of large providers and filters
 */
const GONE_TEXTS: readonly (readonly [codes: RegExp, says: RegExp])[] = [
  // Microsoft 365: the tenant's directory has no such recipient. Its own policy blocks are 5.7.x.
  [/^5\.4\.1$/, /recipient address(?:es)? rejected ?: access denied/],
  // Exchange Online as the sending side.
  [/^5\.1\.351$/, /unknown recipient or mailbox unavailable/],
  [/^5\.4\.310$/, /does not exist|nonexistent/],
  // Yahoo and AOL, with the reply code of a full mailbox.
  [/^552$/, /mailbox not found/],
  [UNDEFINED, /\b(?:doesn't|does not) have an? (?:\S+ )?account\b|\bno longer (?:valid|exists?)\b/],
  // Outlook.com (5.5.0), GMX and web.de (5.0.0): the text of RFC 5321. With 5.7.1 it means a block.
  [UNDEFINED, /mailbox unavailable(?! or )/],
  // AT&T (5.2.1), Yandex and Gmail (5.7.1), Exim, qmail and many others.
  [ANY_REASON, new RegExp(`\\b(?:no such|unknown|invalid|non-?existent|bad|wrong)[ _-]${RECIPIENT}s?\\b`)],
  [ANY_REASON, new RegExp(`\\b${RECIPIENT} ${MORE_WORDS}${NOT_THERE}`)],
  [ANY_REASON, new RegExp(`\\bnot an? (?:valid|known|existing) ${RECIPIENT}\\b`)],
  [ANY_REASON, /\bno (?:mail ?box|account) (?:found|here|by that|available for)|\bnot in recipient list\b/],
  [UNDEFINED, /\baddress (?:does not exist|unknown|not found)\b|\bnot our customer\b/],
  [UNDEFINED, /\bno such (?:address|person)\b|\bunknown (?:e-?mail address|local.part)\b/],
  [UNDEFINED, new RegExp(`\\b${RECIPIENT_ABROAD} (?:\\S+ )?${NOT_THERE_ABROAD}`)],
  // The domain: Postfix, sendmail, Exim.
  [
    NO_ROUTE,
    /\bhost (?:or domain name )?(?:not found|unknown)|\b(?:unknown|illegal) host\b|\bname or service not known/,
  ],
  [NO_ROUTE, /\bno such domain|\bdomain (?:\S+ )?(?:does ?n[o']t exist|not found)|\bnxdomain\b|\bunroute?able address/],
  [NO_ROUTE, /\bnull ?mx\b/], // the domain accepts no mail: https://www.rfc-editor.org/rfc/rfc7505
];

/** Beginnings of words that make every code a failure for another reason. */
const OTHER_REASONS = {
  sender: [
    'sender',
    'emetteur',
    'émetteur',
    'exp[eé]diteur',
    'remitente',
    'remetente',
    'mittente',
    'absender',
    'afzender',
  ],
  from: ['mail ?from', 'envelope.from', 'from (?:address|domain)', 're(?:turn|verse).path', 'forge', 'backscatter'],
  check: [
    'callback',
    'callout',
    'verification failed',
    'sending (?:domain|host|server|ip)',
    'your (?:domain|host|ip|server)',
  ],
  server: [
    'client host',
    'helo',
    'ehlo',
    'ptr(?![a-z])',
    'rdns',
    'reverse dns',
    'invalid dns',
    'tls',
    'batv',
    'relay access',
  ],
  relay: ['relaying', 'relay not', 'to relay'],
  block: ['block', 'unblock', '(?:black|white|deny).?list', 'rbl(?![a-z])', 'dnsbl', 'reputation'],
  list: ['(?<!not )listed (?:in|on|at|by)'],
  spam: ['(?:anti.?)?spam', 'unsolicited', 'bulk', 'junk', 'score', 'filter', 'abuse', 'phish', 'uce(?![a-z])'],
  harm: ['(?:anti.?)?virus', 'malware', 'attack', 'protected by'],
  policy: ['aup#', 'policy', 'policies', 'prohibit', 'banned', 'dmarc', 'spf', 'dkim', 'authenticat'],
  permission: ['not (?:allowed|authori[sz]ed|permitted)', 'unauthori[sz]ed', 'restrict', 'permission', 'members?.only'],
  recipient: ['user reject', 'rejected by (?:the )?(?:recipient|user)', 'refused? to receive', 'preferences'],
  closed: ['not accepting', 'only accepting', 'vacation', 'out of office'],
  message: ['content', 'header', 'mime(?!cast)'],
  rate: ['rate', 'too (?:many|fast|much)', 'throttl', 'limit', 'exceed', '(?:this|per) (?:hour|day)'],
  full: ['(?:over)?quota', 'full', 'pleine?', 'storage', 'enough space', 'disk space', 'too (?:large|big)', 'size'],
  temporary: ['gr[ae]y.?list', 'temporar', 'try (?:again|later)', 'retry', 'timed? ?out', 'loop', 'busy'],
  disabled: ['suspend', 'disabled', 'de-?activated', 'inactiv', 'archiv', 'frozen', 'locked', 'suppress', 'expired'],
};
const OTHER_REASON = new RegExp(`(?<![a-z])(?:${Object.values(OTHER_REASONS).flat().join('|')})`);

/** More than a reply has. */
const MAX_TEXT_LENGTH = 2_000;
/** `host mx.example.com[192.0.2.1] said:` in Postfix's reports. */
const SPEAKER = /\bhost \S+ (?:\S+ )?said:/g;
/** Cisco's gateway writes it before every reply. */
const CISCO_PREFIX = /unknown address error/g;

/** The text in lower case, without addresses and host names, whose words say nothing about the reason. */
function wordsOf(text: string): string {
  const words = text
    .slice(0, MAX_TEXT_LENGTH)
    .toLowerCase()
    .replaceAll('’', "'")
    .split(/[\s<>()[\]"]+/);
  return words
    .filter((word) => !word.includes('@'))
    .join(' ')
    .replace(SPEAKER, ' ')
    .replace(CISCO_PREFIX, ' ');
}

/** An enhanced code, not a part of an IP address or a version: `5.1.1`, `#5.1.1`, `550-5.1.1`. */
const ENHANCED_CODE = /(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?!\d|\.\d)/g;
/** The first reply code: `550 `, `550-`, at the beginning or after `said:`. */
const REPLY_CODE = /(?<![\w.-])[245]\d\d(?=[ -]|$)/;

function codesIn(text: string): readonly string[] {
  const part = text.slice(0, MAX_TEXT_LENGTH);
  return [...(part.match(ENHANCED_CODE) ?? []), ...(REPLY_CODE.exec(part) ?? [])];
}
