import { parseEmailAddress } from '../../functions/core/model/email-address.ts';
import { EXIT } from '../command.ts';
import { CONTEXT_ENV, createContext } from '../context.ts';
import { defineCommand, jsonOption, soleArgument } from '../define-command.ts';
import { createDeadLetters, DEAD_LETTERS, deadLettersUrlOf } from '../queue/dead-letters.ts';
import { eraseDeadLetters } from '../queue/erase-dead-letters.ts';
import type { PlannedMessage } from '../queue/redrive-plan.ts';
import { formatCount } from '../terminal/format.ts';
import { write } from '../terminal/output.ts';

export const erase = defineCommand({
  name: 'erase',
  summary: 'replaces an address with its hash and deletes its dead letters',
  usage: [['<address>', '']],
  options: {
    'dead-letters': DEAD_LETTERS,
    json: jsonOption('{"erased", "deadLetters"}, the number of changed entries and of deleted messages'),
    env: CONTEXT_ENV,
  },
  examples: ['erase --env .local/env ada@example.com'],
  notes: [
    'For a request to erase personal data (GDPR Art. 17). It cannot be undone. Receipts remain valid, since they contain only ' +
      'the hash, and "relay why" still finds the entries if the person asks.',
    'An opt-out in progress is completed first and then erased. Its message on the queue contains the address until then, for at ' +
      'most 14 days. Dead letters of the address are deleted; one whose opt-out was never completed goes back to the queue ' +
      'first.',
    'Nothing is erased in HubSpot, which keeps the opt-out so that the person gets no more email. An opt-out that is received ' +
      'later keeps its address. Running the command again changes nothing.',
  ],
  async run({ values, positionals }, { stdout }) {
    const email = parseEmailAddress(soleArgument(positionals, 'one address'));
    const context = createContext(values.env);
    const url = values['dead-letters'] ?? (await deadLettersUrlOf(context));
    const entries = await context.operatorLedger.about(email);
    const erased = await context.ledger.erase({ email }, new Date());
    const recipient = {
      addresses: [email, ...(await context.receipts.hashes(email))],
      contactIds: entries.flatMap(({ contactId }) => contactId ?? []),
    };
    const ports = { ...context, deadLetters: createDeadLetters(context.sqs, url) };
    const messages = await eraseDeadLetters(recipient, ports);
    const report = values.json ? JSON.stringify({ erased, deadLetters: messages.length }) : textOf(erased, messages);
    await write([`${report}\n`], { stdout });
    return EXIT.ok;
  },
});

function textOf(erased: number, messages: readonly PlannedMessage[]): string {
  const entries = erased > 0 ? [formatCount(erased, 'entry', 'entries')] : [];
  const parts = [...entries, ...(messages.length > 0 ? [formatCount(messages.length, 'dead letter')] : [])];
  if (parts.length === 0) return 'Nothing to erase.';
  const requeued = messages.filter(({ status }) => status !== 'closed').length;
  const first =
    requeued > 0 ? ` ${formatCount(requeued, 'message')} went back to the queue to be completed first.` : '';
  return `Erased from ${parts.join(' and ')}.${first}`;
}
