import { execFile } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { run } from '../cli/relay-under-test.ts';

const ROOT = join(import.meta.dirname, '../..');
/** Lists as the senders export them. Their addresses are at example.com. */
const SAMPLES = join(import.meta.dirname, 'suppressed');

/** What each command of a page finds in the sample of its file: rows by kind, rows to send, and rows that `--only` leaves out. */
const EXPECTED: Readonly<Record<string, readonly (readonly [kinds: object, optOuts: number, leftOut: number])[]>> = {
  activecampaign: [[{ opt_out: 2 }, 2, 0]],
  braze: [[{ opt_out: 1 }, 1, 0]],
  brevo: [[{ opt_out: 1, complaint: 1, hard_bounce: 1, suppressed: 1 }, 3, 0]],
  customerio: [
    [{ opt_out: 1 }, 1, 2],
    [{ complaint: 1 }, 1, 0],
  ],
  elasticemail: [
    [{ opt_out: 1 }, 1, 0],
    [{ complaint: 1 }, 1, 0],
  ],
  hubspot: [[{ opt_out: 1 }, 1, 2]],
  klaviyo: [[{ opt_out: 1, complaint: 1, hard_bounce: 2, suppressed: 1 }, 4, 0]],
  mailchimp: [[{ opt_out: 2 }, 2, 0]],
  mailersend: [
    [{ opt_out: 1 }, 1, 0],
    [{ complaint: 1 }, 1, 0],
  ],
  mailgun: [[{ opt_out: 2 }, 2, 1]],
  mailjet: [[{ opt_out: 1 }, 1, 1]],
  mailtrap: [[{ opt_out: 1, complaint: 1, hard_bounce: 1, suppressed: 1 }, 3, 0]],
  mandrill: [[{ opt_out: 1, hard_bounce: 1, soft_bounce: 1, suppressed: 1 }, 2, 0]],
  postal: [[{ hard_bounce: 2 }, 2, 0]],
  postmark: [[{ opt_out: 1, complaint: 1, hard_bounce: 1 }, 3, 1]],
  resend: [
    [{ complaint: 1, hard_bounce: 1, suppressed: 1 }, 2, 0],
    [{ opt_out: 1 }, 1, 1],
  ],
  salesforce: [[{ opt_out: 1 }, 1, 0]],
  scaleway: [[{ hard_bounce: 1, soft_bounce: 1 }, 1, 0]],
  sendgrid: [
    [{ opt_out: 2 }, 2, 0],
    [{ complaint: 1 }, 1, 0],
  ],
  ses: [[{ complaint: 1, hard_bounce: 2 }, 3, 0]],
  sparkpost: [[{ opt_out: 2, complaint: 1, hard_bounce: 1, suppressed: 2 }, 4, 1]],
  'unisender-go': [[{ opt_out: 1, complaint: 1 }, 2, 2]],
};
/** Senders whose lists nobody can read. */
const WITHOUT_A_LIST = ['azure-communication'];

function sectionOf(name: string): string {
  const page = readFileSync(join(ROOT, `docs/sources/${name}.md`), 'utf8');
  return page.split('\n## Already suppressed\n')[1]?.split('\n## ')[0] ?? '';
}

/** The arguments of each `npx relay backfill …` in the section. */
function commandsIn(section: string): readonly (readonly string[])[] {
  const code = section.replaceAll('\\\n', ' ');
  return [...code.matchAll(/^npx relay (backfill .+)$/gm)].map(([, command = '']) =>
    [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? ''),
  );
}

const isFile = (argument: string) => existsSync(join(SAMPLES, argument));

it('covers every page that has the section', () => {
  const pages = globSync('*.md', { cwd: join(ROOT, 'docs/sources') }).map((file) => basename(file, '.md'));

  expect(pages.filter((name) => sectionOf(name) !== '').toSorted()).toEqual(
    [...Object.keys(EXPECTED), ...WITHOUT_A_LIST].toSorted(),
  );
});

describe.each(Object.entries(EXPECTED))('the section "Already suppressed" of docs/sources/%s.md', (name, expected) => {
  const section = sectionOf(name);
  const commands = commandsIn(section);

  it('has commands that a shell can read', async () => {
    const [, code = ''] = /```sh\n([\s\S]*?)```/.exec(section) ?? [];

    expect(await promisify(execFile)('bash', ['-n', '-c', code])).toEqual({ stdout: '', stderr: '' });
  });

  it('names a relay backfill for each file, which finds its opt-outs and no others', async () => {
    expect(commands).toHaveLength(expected.length);
    for (const [index, [kinds, optOuts, leftOut]] of expected.entries()) {
      const args = (commands[index] ?? []).map((each) => (isFile(each) ? join(SAMPLES, each) : each));

      const { stdout, stderr, code } = await run([...args, '--json']);

      expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
      const found = JSON.parse(stdout);
      expect(found).toMatchObject({ kinds, optOuts, leftOut, unreadable: 0 });
      expect(found.statusColumns.filter(({ contrary }: { readonly contrary: number }) => contrary > 0)).toEqual([]);
    }
  });
});
