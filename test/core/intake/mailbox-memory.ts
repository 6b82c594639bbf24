import type { MailArrival, MailboxPorts } from '../../../functions/core/intake/mailbox.ts';
import { ingestMail } from '../../../functions/core/intake/mailbox.ts';
import { defaultPolicy } from '../../../functions/core/intake/policy.ts';
import type { Command } from '../../../functions/core/model/opt-out.ts';
import type { RelayEvent } from '../../../functions/core/model/telemetry.ts';
import type { Mail } from '../../../functions/core/payload/mail.ts';
import { ADA, AT } from '../examples.ts';

/** A mailbox that takes every token for Ada's, and remembers. */
export function memoryMailbox(change: Partial<MailboxPorts> = {}) {
  const commands: Command[] = [];
  const events: RelayEvent[] = [];
  const opened: string[] = [];
  const through: MailboxPorts = {
    async unsealLink(token) {
      opened.push(token);
      return { email: ADA };
    },
    policyOf: () => defaultPolicy,
    brands: ['pets'],
    enqueue: async (some) => void commands.push(...some),
    report: (event) => void events.push(event),
    ...change,
  };
  const receive = (mail: Mail, arrival: Partial<MailArrival> = {}) =>
    ingestMail(mail, { objectKey: 'mail/1', receivedAt: AT, ...arrival }, through);
  return { commands, events, opened, receive };
}
