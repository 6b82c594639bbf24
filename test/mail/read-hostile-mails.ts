import process from 'node:process';
import { parseEmailAddress } from '../../functions/core/model/email-address.ts';
import { bounceIn, reportIn } from '../../functions/core/readers/mail-reports.ts';
import { parseMail } from '../../functions/mail/mime.ts';
import { HOSTILE_MAILS } from './hostile-mails.ts';

/** Reads every hostile message in this process. Prints the CPU time of the slowest one, and the memory that all need. */
const ADA = parseEmailAddress('ada@example.com');
const megabytes = () => process.resourceUsage().maxRSS / 1024;
const before = megabytes();
let slowest = { name: '', cpuMs: 0 };
for (const [name, create] of Object.entries(HOSTILE_MAILS)) {
  const bytes = create();
  const started = process.cpuUsage();
  const mail = parseMail(bytes);
  for (const report of [reportIn(mail), bounceIn(mail)]) report?.kindFor(ADA);
  const { user, system } = process.cpuUsage(started);
  const cpuMs = (user + system) / 1000;
  if (cpuMs > slowest.cpuMs) slowest = { name, cpuMs };
}
process.stdout.write(JSON.stringify({ slowest, grownMb: megabytes() - before }));
