import { createHmac } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { CONFIGURED_NAME } from '../../functions/core/links/sealed-link.ts';

const ROOT = join(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

/** Names that mean something else in the ledger, or in TypeScript. */
const TAKEN = new Set(
  'form page one-click mail links eventbridge import new default delete export package public switch void with'.split(
    ' ',
  ),
);

/** `npm run new-source <name>`. Returns the exit code. */
function main([name = '']: readonly string[]): number {
  const fault = faultOf(name);
  if (fault === undefined) create(name);
  else console.error(`${fault}\nUsage: npm run new-source <name>`);
  return fault === undefined ? 0 : 2;
}

function faultOf(given: string): string | undefined {
  if (given === '') return 'The name is missing.';
  if (!CONFIGURED_NAME.test(given) || !/^[a-z]/.test(given)) {
    return 'A name begins with a small letter, and has small letters, digits and hyphens only.';
  }
  const isTaken = TAKEN.has(given) || existsSync(join(ROOT, `functions/sources/${given}.ts`));
  return isTaken ? `"${given}" is taken.` : undefined;
}

/** Writes a source that passes its tests, ready to be edited. Writes nothing if a file has another format than expected. */
function create(source: string): void {
  const texts = new Map(files(source));
  for (const [file, add] of Object.entries(ADDITIONS)) {
    const added = add(read(file), source);
    if (added === read(file)) throw new Error(`${file} has no place for the new source`);
    texts.set(file, added);
  }
  for (const [file, text] of texts) {
    mkdirSync(dirname(join(ROOT, file)), { recursive: true });
    writeFileSync(join(ROOT, file), text);
    console.log(file);
  }
  console.log(`\nIt passes its tests: npx vitest run test/sources/${source}.test.ts`);
  console.log('Now replace every TODO, as docs/adding-a-source.md describes, and name the sender in README.md.');
}

/** The name as a title, and as an identifier. */
const titleOf = (source: string): string => source.split('-').map(capitalized).join(' ');
const exportOf = (source: string): string => source.replace(/-+(\w?)/g, (_all, letter: string) => capitalized(letter));
const capitalized = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

function files(source: string): readonly (readonly [file: string, text: string])[] {
  const template = (file: string): string =>
    read(`infra/new-source/${file}.txt`)
      .replaceAll('__NAME__', source)
      .replaceAll('__TITLE__', titleOf(source))
      .replaceAll('__EXPORT__', exportOf(source));
  const body = template('body');
  return [
    [`functions/sources/${source}.ts`, template('source')],
    [`test/sources/${source}.test.ts`, template('test')],
    [`test/sources/fixtures/${source}/every-event.body`, body],
    [`test/sources/fixtures/${source}/every-event.json`, fixture(source, body)],
    [`docs/sources/${source}.md`, template('page')],
  ];
}

/** Describes the request with the body, signed with the sample secret of the source. */
function fixture(source: string, body: string): string {
  const secret = `sample-secret-${source}`;
  const signature = createHmac('sha256', secret).update(body).digest('hex');
  const signal = (kind: string, email: string, index: number) => ({
    kind,
    scope: 'all',
    email: `${email}@example.com`,
    eventKey: `${index + 1}`,
    occurredAt: `2026-11-02T10:00:0${index}.000Z`,
    confidence: 'exact',
  });
  const described = {
    about: 'TODO: one of each event, as they are documented',
    documentation: `https://docs.example.com/${source}/events`,
    secret,
    receivedAt: '2026-11-02T10:00:06.000Z',
    headers: { 'content-type': 'application/json', [`x-${source}-signature`]: signature },
    expected: {
      signals: [
        signal('opt_out', 'ada', 0),
        signal('complaint', 'grace', 1),
        signal('soft_bounce', 'mary', 2),
        signal('ignored', 'joan', 3),
      ],
      unreadable: [],
    },
  };
  return `${JSON.stringify(described, null, 2)}\n`;
}

/** How the lists of all sources change. */
const ADDITIONS: Readonly<Record<string, (text: string, source: string) => string>> = {
  'functions/sources/index.ts'(text, source) {
    const [imports = '', list = ''] = text.split(/(?<=export const sources.*\n)/);
    const importing = `import { ${exportOf(source)} } from './${source}.ts';`;
    return [
      inserted(imports, importing, /^import .* from '\.\/(.+)\.ts';$/),
      inserted(list, `  ${exportOf(source)},`, /^ {2}(\w+)(?:\(\))?,$/),
    ].join('');
  },
  'prove/harness/sender-signatures.ts'(text, source) {
    const [before = '', table = ''] = text.split(/(?<=export const SIGNATURES.*\n)/);
    const key = exportOf(source) === source ? source : `'${source}'`;
    const line = `  ${key}: (body, signing) => ({ 'x-${source}-signature': mac('sha256', 'hex', secretOf(signing), body) }),`;
    return before + inserted(table, line, /^ {2}'?([\w-]+)'?(?=\(|:|,)/);
  },
  'docs/sources.md': (text, source) =>
    text.replace(
      /## Mail providers\n\n(?:\|.*\n)+/,
      `$&| [${titleOf(source)}](sources/${source}.md) | HMAC signature |\n`,
    ),
  'docs/security.md': (text, source) =>
    text.replace(/^(\| the exact bytes \| .*?)(?= \| no \|$)/m, `$1, \`${source}\``),
};

/** Inserts a line in the alphabetical order of the lines that match. */
function inserted(text: string, line: string, matching: RegExp): string {
  const lines = text.split('\n');
  const keyOf = (each: string): string | undefined => matching.exec(each)?.[1];
  const key = keyOf(line) ?? '';
  const next = lines.findIndex((each) => (keyOf(each) ?? '') > key);
  const last = lines.findLastIndex((each) => keyOf(each) !== undefined);
  return lines.toSpliced(next === -1 ? last + 1 : next, 0, line).join('\n');
}

process.exitCode = main(process.argv.slice(2));
