import type { MailboxPorts } from '../../../functions/core/intake/mailbox.ts';
import { ingestMail } from '../../../functions/core/intake/mailbox.ts';
import { defaultPolicy } from '../../../functions/core/intake/policy.ts';
import type { Command } from '../../../functions/core/model/opt-out.ts';
import type { RelayEvent } from '../../../functions/core/model/telemetry.ts';
import type { Mail } from '../../../functions/core/payload/mail.ts';
import { ADA, AT } from '../examples.ts';

/** A mailbox for which every token is Ada's, and which records its commands and reports. */
export function memoryMailbox(change: Partial<MailboxPorts> = {}) {
  const commands: Command[] = [];
  const events: RelayEvent[] = [];
  const unsealed: string[] = [];
  const ports: MailboxPorts = {
    async unsealLink(token) {
      unsealed.push(token);
      return { email: ADA };
    },
    keyedHash: async (text) => `hash of ${text}`,
    policyOf: () => defaultPolicy,
    brands: ['pets'],
    enqueue: async (some) => void commands.push(...some),
    report: (event) => void events.push(event),
    ...change,
  };
  const receive = (mail: Mail, receivedAt = AT, objectKey = 'mail/1') =>
    ingestMail(mail, { objectKey, receivedAt }, ports);
  return { commands, events, unsealed, receive };
}
