import { resolve } from 'node:path';
import { EXIT } from '../command.ts';
import { CONTEXT_ENV, createContext } from '../context.ts';
import { defineCommand, OUTPUT, soleArgument } from '../define-command.ts';
import { findEntries } from '../entries/find.ts';
import { formatCount } from '../terminal/format.ts';
import { write } from '../terminal/output.ts';
import { checkLine } from '../verify/check-entry.ts';
import { proofOf } from '../verify/proof-file.ts';

export const proof = defineCommand({
  name: 'proof',
  summary: "writes one person's opt-outs, receipts and the keys to check them as one file",
  usage: [
    ['<address>', 'all opt-outs of an address, oldest first'],
    ['<id>', 'one opt-out'],
  ],
  options: { output: OUTPUT, env: CONTEXT_ENV },
  examples: ['proof --env .local/env --output ada.json ada@example.com', 'verify --key keys.json ada.json'],
  notes: [
    'For a regulator, or for the person. The file is JSON: "entries" with their signed receipts, "keys", and in plain words what it ' +
      'proves, what it does not prove, and how to check it without the relay. "relay verify" checks it.',
    'It contains the address and no other person. An erased address is found by its hash, which takes its place.',
    'Each entry is checked before it is written. One that could not be signed when it was completed is signed by the sweep within a ' +
      'day; an open one has no receipt yet.',
  ],
  failure: 'no opt-out found, a completed one is not proven, or it failed',
  async run({ values, positionals }, { stdout, stderr }) {
    const argument = soleArgument(positionals, 'one address or one id');
    const context = createContext(values.env);
    const entries = await findEntries(argument, context, stderr);
    if (entries.length === 0) return EXIT.failed;
    const keys = await context.receipts.publicKeys();
    const document = proofOf(entries, keys, argument.includes('@') ? argument : undefined);
    const verification = { keys, hashes: context.receipts.hashes };
    const checks = document.entries.map((entry, index) => checkLine(JSON.stringify(entry), index + 1, verification));
    const faults = (await Promise.all(checks)).filter(({ fault }) => fault !== undefined);
    for (const { line, fault } of faults) stderr.write(`entry ${line}: ${fault}\n`);
    await write([`${JSON.stringify(document, null, 2)}\n`], { file: values.output, stdout });
    if (values.output !== undefined)
      stderr.write(`${formatCount(entries.length, 'opt-out')} in ${resolve(values.output)}\n`);
    return faults.length > 0 ? EXIT.failed : EXIT.ok;
  },
});
