import { describe, expect, it } from 'vitest';
import { isMailboxGone } from '../../../functions/core/readers/bounce-codes.ts';

/** `Status`, then `Diagnostic-Code`, as mail servers report them. */
type Report = readonly [status: string, diagnostic: string];

const GONE: readonly Report[] = [
  // The status alone.
  ['5.1.1', ''],
  ['5.1.2 (bad destination system: no such domain)', ''],
  ['5.1.3', ''],
  ['5.1.6', ''],
  ['5.1.10', ''],
  // Every form of the remote server's code. Without a status it stands alone.
  ['', 'smtp; 550 5.1.1 gone'],
  ['5.0.0', 'smtp; 550 5.1.1 gone'],
  ['5.0.0', 'SMTP;550-5.1.10 gone'],
  ['5.0.0', 'smtp; 550 #5.1.1 gone'],
  ['5.0.0', 'smtp; 553 Sorry. (#5.1.1)'],
  ['5.0.0', "smtp; 5.1.0 - Unknown address error 550-'5.1.1 gone' (delivery attempts: 0)"],
  ['', 'smtp; 550 cuda_nsu 5.1.1 <ada@example.com>... gone'],
  ['', 'smtp; 550 Invalid recipient <ada@example.com> (#5.1.1)'],
  // Hosts that have their own words.
  ['5.4.1', 'smtp; 550 5.4.1 Recipient address rejected: Access denied. AS(201806281)'],
  ['5.4.1', 'smtp; 550 cuda_nsu 5.4.1 [ada@example.com]: Recipient address rejected: Access denied [example.com]'],
  ['5.5.0', 'smtp; 550 5.5.0 Requested action not taken: mailbox unavailable. [a.b.outlook.com]'],
  ['5.0.0', 'smtp; 550 Requested action not taken: mailbox unavailable'],
  ['5.1.351', 'smtp; 550 5.1.351 Remote server returned unknown recipient or mailbox unavailable'],
  ['5.1.10', 'smtp; 550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup'],
  ['5.4.310', 'smtp; 550 5.4.310 DNS domain example.invalid does not exist [Message=InfoDomainNonexistent]'],
  ['5.0.0', "smtp; 554 delivery error: dd This user doesn't have a example.com account (ada@example.com) [-9]"],
  ['5.0.0', 'smtp; 554 delivery error: dd This user doesn’t have an account (ada@example.com) [-9]'],
  ['5.0.0', 'smtp; 554 delivery error: dd ada@example.com is no longer valid. [-20]'],
  ['5.0.0', 'smtp; 552 1 Requested mail action aborted, mailbox not found'],
  ['5.7.1', 'smtp; 550 5.7.1 No such user!'],
  ['5.2.1', 'smtp; 550 5.2.1 <ADA@EXAMPLE.COM>... Addressee unknown, relay=[192.0.2.1]'],
  [
    '5.4.4',
    'X-Postfix; Host or domain name not found. Name service error for name=example.invalid type=A: Host not found',
  ],
  ['5.4.4', "DNS Error: DNS type 'mx' lookup of example.invalid responded with code NXDOMAIN"],
  ['5.4.4 (DNS lookup report)', 'smtp; 500 (DNS: no such domain: example.invalid)'],
  ['5.1.0', 'X-Postfix; Domain example.com does not accept mail (nullMX)'],
  ['5.4.4 (Illegal host/domain name found)', ''], // Oracle Communications Messaging Server
  ['5.0.0', 'smtp; 550 Unrouteable address'],
  ['5.0.0', 'X-Postfix; [example.invalid]: Name or service not known'],
  // A code that says nothing, and a text that does.
  ['5.0.0', 'x-unix; user unknown'],
  ['5.0.0', 'smtp; 550 User (ada@example.com) unknown.'],
  ['5.0.0', 'smtp; 550 User [ada@example.com] does not exist'],
  ['5.0.0', "smtp; 550 sorry, that recipient doesn't exist (#5.7.1)"],
  ['5.0.0', 'smtp; 553 sorry, no mailbox here by that name (#5.7.1)'],
  ['5.3.0', 'smtp; 553 5.3.0 <ada@example.com>... Address does not exist'],
  ['5.7.1', 'smtp; 554 5.7.1 <ada@example.com>: Recipient address rejected: Not in recipient list'],
  ['5.7.1', 'smtp; 550 5.7.1 <a@example.com>: Recipient address rejected: User email address is marked as invalid.'],
  ['5.0.0', 'smtp; 550 "ada@example.com" is not a known user'],
  ['5.0.0', 'smtp; 550 Utilisateur inconnu'],
  ['5.0.0', 'smtp; 550 The email account that you tried to reach does not exist. Check for unnecessary spaces.'],
  ['5.0.0', 'smtp; 550 ada (ada@example.com): User not listed in Domino Directory'],
  ['5.1.1', 'smtp; 550 5.1.1 <ada@example.com> User not listed in public Name & Address Book'],
  ['5.0.0', 'smtp; 550 Invalid Recipient - https://community.mimecast.com/docs/DOC-1369#550 [eu12]'],
  ['5.1.10', 'smtp; 550 5.1.10 RESOLVER.ADR.ExRecipNotFound; not found'],
  ['5.4.1', 'smtp; 550 5.4.1 All recipient addresses rejected : Access denied'],
  ['5.0.0', 'smtp; 550 No such local user'],
  ['5.0.0', 'smtp; 550 No such person at this address'],
  ['5.0.0', 'smtp; 550 Unknown local-part "ada" in <ada@example.com>'],
  ['5.0.0', "smtp; 550 User with such email doesn't exist"],
  ['5.0.0', 'smtp; 550 Mailbox for ada does not exist'],
  ['5.0.0', 'smtp; 550 No account by that name here'],
  ['5.0.0', 'smtp; 550 Unknown email address'],
  ['5.0.0', 'smtp; 550 El usuario no existe'],
  ['5.0.0', 'smtp; 550 Usuário não encontrado'],
  ['5.0.0', 'smtp; 550 Destinatario sconosciuto'],
  ['5.0.0', 'smtp; 550 Gebruiker onbekend'],
  ['5.0.0', "smtp; 550 L'adresse ada@example.com n'existe pas"],
  // Words in addresses and host names are not the reason.
  ['5.0.0', 'smtp; 550 rblake: unknown user'],
  ['5.1.1', 'smtp; 550 5.1.1 <sender@blocked.example.com>: User unknown'],
  ['5.0.0', 'X-Postfix; host antispam.example.com[192.0.2.1] said: 550 User unknown (in reply to RCPT TO command)'],
];

const NOT_GONE: readonly Report[] = [
  ['', ''],
  ['5', 'smtp;'],
  // Codes that mean something else, and temporary failures.
  ['5.1.4', ''],
  ['5.1.7', ''],
  ['5.1.8', ''],
  ['5.1.20', ''],
  ['5.2.1', 'smtp; 550 5.2.1 The email account that you tried to reach is over its head'],
  ['5.2.2', 'smtp; 552 5.2.2 sorry'],
  ['5.3.4', ''],
  ['5.4.1', 'smtp; 550 5.4.1 no answer from host'],
  ['5.4.4', 'X-Postfix; Malformed or unexpected name server reply'],
  ['5.7.1', 'smtp; 550 5.7.1 Requested action not taken: mailbox unavailable'],
  ['4.1.1', ''],
  ['5.1.1', 'smtp; 450 4.1.1 unknown user'],
  ['4.4.1', 'smtp; 550 5.1.1 unknown user'],
  ['5.0.0', 'smtp; 450 5.1.1 unknown user'],
  // Too vague alone.
  ['5.0.0', 'smtp; 550 no'],
  ['5.1.0', ''],
  ['5.1.0', 'smtp; 550 5.1.0 Address rejected'],
  ['5.5.0', 'smtp; 550 5.5.0 no'],
  // The reporting server's code and the remote server's differ: the weaker one counts.
  ['5.1.1', 'smtp; 550 5.7.1 IP address is on a list of the recipient'],
  ['5.7.1', 'smtp; 550 5.1.1 gone'],
  ['5.1.1', 'smtp; 550 #5.2.2 no'],
  ['5.0.0', "smtp; 5.1.0 - Unknown address error 550-'5.7.1 Access denied' (delivery attempts: 0)"],
  ['5.1.1', 'smtp; 550 5.1.0 no'],
  ['5.1.1', 'smtp; 550 5.0.0 no'],
  // sendmail makes up 5.1.1 for a bare 550 and 5.1.3 for a bare 553.
  ['5.1.1', 'smtp; 550 recipient rejected'],
  ['5.1.3', 'smtp; 553 go away'],
  // Full, also with a code that means gone.
  ['5.1.1', 'smtp; 552 5.1.1 no'],
  ['5.1.1', 'smtp; 552 5.1.1 Boite du destinataire pleine. Recipient overquota. OFR_417 [417]'],
  ['5.1.1 (recipient reached disk quota)', ''],
  ['5.1.1', 'smtp; 550 5.1.1 Mailbox full'],
  // Text that speaks of the sender, a block, a policy, a rate or a mailbox that is disabled for now.
  ['5.1.0', 'smtp; 550 5.1.0 <news@example.org> sender rejected. AUP#In-1310'],
  ['5.1.1', 'smtp; 550 5.1.1 Emetteur invalide. Invalid Sender. OFR_305'],
  ['5.1.1', 'smtp; 550 5.1.1 Émetteur inconnu'],
  ['5.1.1', 'X-Postfix; host mx.example.com[192.0.2.1] said: 550 5.1.1 User unknown (in reply to MAIL FROM command)'],
  ['5.1.1', 'smtp; 550 5.1.1 Blocked, see https://www.spamhaus.org/query'],
  ['5.1.1', 'smtp; 550 5.1.1 on our black list'],
  ['5.1.1', 'smtp; 550 5.1.1 Too many recipients this hour'],
  ['5.1.1', 'smtp; 553 5.1.1 Possible forgery or deactivated due to abuse (#5.1.1) 192.0.2.1'],
  ['5.1.1 (bad destination mailbox address)', 'smtp; 553 5.1.1 Relaying disallowed'],
  ['5.1.1', 'smtp; 550 5.1.1 [SUSPEND] Mailbox currently suspended'],
  ['5.1.2', 'smtp; 550 5.1.2 User reject'],
  ['5.0.0', 'smtp; 554 <unknown[192.0.2.1]>: Client host rejected: Access denied'],
  // The sender's own domain or server does not exist, or its address could not be verified.
  ['5.0.0', 'smtp; 550 Requested action not taken: mailbox unavailable. invalid DNS MX or A/AAAA resource record'],
  ['5.0.0', 'smtp; 550 Your domain does not exist'],
  ['5.0.0', 'smtp; 550 The sending domain does not exist'],
  ['5.0.0', 'smtp; 550 From domain does not exist'],
  ['5.0.0', 'smtp; 550 Unknown host in EHLO'],
  ['5.1.1', 'smtp; 550 5.1.1 Envelope from: unknown user'],
  ['5.0.0', 'smtp; 550 Reverse-path: user unknown'],
  ['5.0.0', 'smtp; 550 Callback verify failed: user unknown'],
  ['5.0.0', 'smtp; 550-Verification failed for <news@example.org> 550 Unrouteable address'],
  ['5.0.0', 'smtp; 550 PTR record not found: host unknown'],
  ['5.0.0', "smtp; 550 Adresse de l'expéditeur inconnue"],
  ['5.0.0', 'smtp; 550 Remitente desconocido: usuario no existe'],
  ['5.1.1', 'smtp; 550 5.1.1 backscatter protection detected an invalid or expired email address'],
  // A closed group, an absence, an attack, and a mailbox that accepts nothing.
  ['5.1.1', 'smtp; 550 5.1.1 The group may not exist, or you may not have permission to post messages to it'],
  ['5.1.1', 'smtp; 550 5.1.1 Posting by non-member to a members-only list: no such user'],
  ['5.0.0', 'smtp; 550 Unknown user: mailbox on vacation'],
  ['5.0.0', 'smtp; 550 Recipient not found, message was marked as UCE'],
  ['5.0.0', 'smtp; 550 Transaction failed: recipient unknown by antivirus'],
  ['5.0.0', 'smtp; 550 Mailbox unavailable due to attack'],
  ['5.0.0', 'smtp; 550 Email account protected by Boxbe; user unknown'],
  ['5.1.1', 'smtp; 550 5.1.1 ada is not accepting any mail'],
  ['5.1.1', 'smtp; 550 5.1.1 only accepting mail from specific email addresses'],
  // Not codes: addresses and versions of servers.
  ['5.0.0', 'smtp; 550 refused by 5.1.1.7 and 15.1.1, version 5.1.1.2'],
];

describe('a permanent failure', () => {
  it.each(GONE)('means that the mailbox is gone: %s | %s', (status, diagnostic) => {
    expect(isMailboxGone(status, diagnostic)).toBe(true);
  });

  it.each(NOT_GONE)('is not clear enough, or about something else: %s | %s', (status, diagnostic) => {
    expect(isMailboxGone(status, diagnostic)).toBe(false);
  });

  it('is read up to 2,000 characters of each value', () => {
    expect(isMailboxGone('5.1.1', `smtp; 550 5.1.1 ${'a '.repeat(2_000)} blocked`)).toBe(true);
  });
});
