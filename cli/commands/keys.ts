import { EXIT } from '../command.ts';
import { createReceiptKeys } from '../context.ts';
import { defineCommand, envOption, flag, OUTPUT } from '../define-command.ts';
import { requireEnvironment } from '../environment.ts';
import { write } from '../terminal/output.ts';

export const keys = defineCommand({
  name: 'keys',
  summary: 'writes the public keys that verify receipts',
  options: {
    public: flag('optional: private keys are never shown'),
    output: OUTPUT,
    env: envOption('RECEIPTS_SECRET'),
  },
  examples: ['keys --env .local/env --output keys.json', 'verify --key keys.json ledger.jsonl'],
  notes: [
    'The output is a JSON Web Key Set (RFC 7517, RFC 8037). Store it apart from the ledger: anyone who can change both ' +
      'can forge receipts.',
  ],
  async run({ values }, { stdout }) {
    const { RECEIPTS_SECRET } = requireEnvironment(values.env, 'RECEIPTS_SECRET');
    const publicKeys = await createReceiptKeys(RECEIPTS_SECRET).publicKeys();
    await write([`${JSON.stringify({ keys: publicKeys }, null, 2)}\n`], { file: values.output, stdout });
    return EXIT.ok;
  },
});
