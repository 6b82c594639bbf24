import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { conditionsOf } from '../../../cli/backfill/only.ts';
import type { OptOutFile, OptOutRows } from '../../../cli/backfill/rows.ts';
import { openRows } from '../../../cli/backfill/rows.ts';
import { UsageError } from '../../../cli/command.ts';

const NOW = new Date('2026-12-01T00:00:00Z');
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'optout-relay-rows-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Options = Partial<OptOutFile>;

function open(content: string | Uint8Array, options: Options = {}): Promise<OptOutRows> {
  const file = join(folder, 'list');
  writeFileSync(file, content);
  const defaults = { file, asOf: new Date('2026-01-01T00:00:00Z'), kind: 'opt_out', timeFormat: {}, only: [] } as const;
  return openRows({ ...defaults, ...options }, NOW);
}

/** Each row in short: address, kind and time, or its fault. */
async function read(content: string | Uint8Array, options: Options = {}) {
  const { rows, noun } = await open(content, options);
  return (await Array.fromAsync(rows)).map((row) => {
    if ('fault' in row) return `${noun} ${row.line}: ${row.fault}`;
    if ('isLeftOut' in row) return `${noun} ${row.line} left out`;
    const { email, kind, occurredAt } = row.signal;
    return `${email} ${kind} ${occurredAt.toISOString()}`;
  });
}

const ADA = 'ada@example.com opt_out 2026-01-01T00:00:00.000Z';
const BOB = 'bob@example.com opt_out 2026-01-01T00:00:00.000Z';

describe('a CSV file', () => {
  it.each([
    ['commas', 'Name,email\nLove; lace,ada@example.com\n', 'CSV, separated by ",", in UTF-8'],
    ['semicolons', 'Name;email\n"Love, lace";ada@example.com\n', 'CSV, separated by ";", in UTF-8'],
    ['tabs', 'Name\temail\nAda\tada@example.com\n', 'CSV, separated by tabs, in UTF-8'],
    ['bars', 'Name|email\nAda|ada@example.com\n', 'CSV, separated by "|", in UTF-8'],
    ['commas in quoted names', '"a;b;c",email\n1,ada@example.com\n', 'CSV, separated by ",", in UTF-8'],
    [
      'the separator that Excel declares',
      'sep=;\r\nName,1;email\r\nAda;ada@example.com\r\n',
      'CSV, separated by ";", in UTF-8',
    ],
    ['one column', 'email\r\nada@example.com\r\n', 'CSV, separated by ",", in UTF-8'],
  ])('is read with its own separator: %s', async (_what, text, format) => {
    expect(await read(text)).toEqual([ADA]);
    expect((await open(text)).format).toBe(format);
  });

  it('numbers its lines behind the separator that Excel declares', async () => {
    expect(await read('sep=;\nemail;x\nada@example.com;1\nnobody;2\n')).toEqual([
      ADA,
      'line 4: the email address is not valid',
    ]);
  });

  const text = 'Vorname;email\r\nJürgen;ada@example.com\r\n';
  it.each([
    ['UTF-8', Buffer.from(text)],
    ['UTF-8', Buffer.from(`\ufeff${text}`)],
    ['UTF-16LE', Buffer.from(`\ufeff${text}`, 'utf16le')],
    ['UTF-16BE', Buffer.from(`\ufeff${text}`, 'utf16le').swap16()],
    ['WINDOWS-1252', Buffer.from(text, 'latin1')],
  ])('is read in %s', async (encoding, content) => {
    expect(await read(content, { only: conditionsOf(['Vorname=JÜRGEN']) })).toEqual([ADA]);
    expect((await open(content)).format).toBe(`CSV, separated by ";", in ${encoding}`);
  });

  it('is in the encoding of Windows if only its end is not valid UTF-8', async () => {
    const rows = Array.from({ length: 60_000 }, (_, index) => `Ada;p${index}@example.com\n`).join('');
    const content = Buffer.from(`Vorname;email\n${rows}Jürgen;ada@example.com\n`, 'latin1');

    expect((await read(content, { only: conditionsOf(['Vorname=Jürgen']) })).at(-1)).toBe(ADA);
  });

  it.each([
    ['an Excel workbook', Buffer.from('504b030414000600', 'hex'), 'is an Excel workbook or a ZIP file'],
    ['an old Excel workbook', Buffer.from('d0cf11e0a1b11ae1', 'hex'), 'is an Excel workbook: save the sheet as CSV'],
    ['a compressed file', gzipSync('email\nada@example.com\n'), 'is compressed with gzip: unpack it'],
    ['a binary file', Buffer.from('00ff00ff', 'hex'), 'is not a text file'],
    ['an empty file', '', 'there is no column "email". The file is empty'],
    ['a file without names', 'ada@example.com,x\n', 'there is no column "email". The first row has an address'],
    ['other names', 'E-Mail;Datum\n', 'there is no column "email". The columns are "E-Mail", "Datum"'],
  ])('is rejected with a reason: %s', async (_what, content, reason) => {
    const error = await open(content).catch((thrown) => thrown);

    expect(error).toBeInstanceOf(UsageError);
    expect(error.message).toContain(reason);
    expect(error.message).not.toContain('ada');
  });
});

it('does not repeat an address that was passed as the name of a column', async () => {
  await expect(open('email\n', { timeColumn: 'shibboleth@example.com' })).rejects.toThrow(
    'there is no such column. The columns are "email"',
  );
});

describe('a JSON file', () => {
  const [ada, bob] = ['{"email":"ada@example.com","why":{"code":"unsub"}}', '{"email":"bob@example.com"}'];
  it.each([
    ['an array', `[${ada},\n${bob}]`, 'JSON'],
    ['the answer of an API', `{"count": 2, "contacts": [${ada}, ${bob}], "links": [{"rel": "next"}]}`, 'JSON'],
    ['the array in which the objects have the address', `{"links": [{"rel": "x"}], "items": [${ada}, ${bob}]}`, 'JSON'],
    ['an array of answers', `[{"items": [${ada}]}, {"items": [${bob}]}, {"items": []}]`, 'JSON'],
    ['an object on each line', `${ada}\n\n${bob}\n`, 'JSON Lines'],
    [
      'an answer on each line',
      `{"items": [${ada}]}\r\n{"items": [${bob}], "paging": {}}\r\n{"items": []}\r\n`,
      'JSON Lines',
    ],
    ['a file with a byte order mark', `\ufeff[${ada}, ${bob}]`, 'JSON'],
  ])('is read: %s', async (_what, text, format) => {
    expect(await read(text)).toEqual([ADA, BOB]);
    expect((await open(text)).format).toBe(format);
    expect(await read(text, { only: conditionsOf(['why.code=unsub']) })).toEqual([ADA, 'entry 2 left out']);
  });

  it('is read in UTF-16, as PowerShell writes it', async () => {
    expect(await read(Buffer.from(`\ufeff[${ada}]`, 'utf16le'))).toEqual([ADA]);
  });

  it('has fields in lists, by their position, and joins lists of texts', async () => {
    const row =
      '{"email":"ada@example.com","tags":["*","a"],"suppression":[{"timestamp":"2026-02-03T04:05:06+00:00"}]}';

    expect(await read(row, { timeColumn: 'suppression.0.timestamp', only: conditionsOf(['tags=*,a']) })).toEqual([
      'ada@example.com opt_out 2026-02-03T04:05:06.000Z',
    ]);
  });

  it('reports its entries by their position', async () => {
    expect(await read('[{"email":"ada@example.com"},{"email":"nobody"},{"email":null}]')).toEqual([
      ADA,
      'entry 2: the email address is not valid',
      'entry 3: the email address is not valid',
    ]);
  });

  it.each([
    ['a torn document', '[{"email":"shibboleth@example.com"}', 'is not valid JSON'],
    [
      'several documents over several lines',
      '{\n"a": 1\n}\n{\n"a": 2\n}\n',
      'must each be on a line: jq -c . does that',
    ],
    ['a torn line', `${ada}\n{"email":"shibboleth@example.c\n`, 'line 2 of '],
    ['texts instead of objects', '["shibboleth@example.com"]', 'the JSON is not a list of objects'],
    ['other fields', '[{"address":"shibboleth@example.com"}]', 'there is no column "email". The columns are "address"'],
  ])('is rejected with a reason: %s', async (_what, text, reason) => {
    const error = await open(text).catch((thrown) => thrown);

    expect(error).toBeInstanceOf(UsageError);
    expect(error.message).toContain(reason);
    expect(error.message).not.toContain('shibboleth');
  });
});

describe('the kind of a row', () => {
  const text = (kind: string) => `email,why\nada@example.com,${kind}\n`;

  it.each([
    ['HardBounce', 'hard_bounce'],
    ['BOUNCE', 'hard_bounce'],
    ['SpamComplaint', 'complaint'],
    ['spam complaint', 'complaint'],
    ['contactFlaggedAsSpam', 'complaint'],
    ['unsubscribedViaEmail', 'opt_out'],
    ['List Unsubscribe', 'opt_out'],
    ['unsub', 'opt_out'],
    ['opt_out', 'opt_out'],
    ['soft-bounce', 'soft_bounce'],
    ['temporary_unavailable', 'soft_bounce'],
    ['USER_SUPPRESSED', 'suppressed'],
    ['unsubscribedViaApi', 'suppressed'],
    ['manual import', 'suppressed'],
  ])("is read in the sender's word: %s is %s", async (word, kind) => {
    expect(await read(text(word), { kindColumn: 'Why' })).toEqual([ADA.replace('opt_out', kind)]);
  });

  it.each(['cleaned', '', 'constructor'])('is not guessed from "%s"', async (word) => {
    expect(await read(text(word), { kindColumn: 'why' })).toEqual([
      'line 2: "why" is not a known kind: select such rows with --only and --kind',
    ]);
  });

  it('is the same for all rows without a column', async () => {
    expect(await read(text('x'), { kind: 'complaint' })).toEqual([ADA.replace('opt_out', 'complaint')]);
  });
});

describe('--only', () => {
  const text = 'email,Status,List\nada@example.com,Unsubscribed,a=b\nbob@example.com,subscribed,c\n';
  const left = (...only: readonly string[]) => read(text, { only: conditionsOf(only) });

  it('leaves out the rows without the value', async () => {
    expect(await left('status = unsubscribed ')).toEqual([ADA, 'line 3 left out']);
  });

  it('takes several values of a column, and needs one of each column', async () => {
    expect(await left('Status=unsubscribed', 'Status=subscribed')).toEqual([ADA, BOB]);
    expect(await left('Status=unsubscribed', 'List=c')).toEqual(['line 2 left out', 'line 3 left out']);
  });

  it('rejects a column that is missing, and a text without a column', async () => {
    await expect(left('state=unsubscribed')).rejects.toThrow('there is no column "state"');
    expect(() => conditionsOf(['unsubscribed'])).toThrow('--only is not a column and a value');
  });
});
