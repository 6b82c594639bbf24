import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROWS = 100_000;
/** What a survey of these rows may take. */
const LIMITS = { seconds: 5, megabytes: 200 };

const RELAY = fileURLToPath(new URL('../cli/relay.ts', import.meta.url));
/** Prints what a process has used when it ends. */
const USAGE =
  'data:text/javascript,process.on("exit",()=>process.stderr.write(JSON.stringify(process.resourceUsage())))';
const COLUMNS = ['--column', 'Email', '--time-column', 'At', '--kind-column', 'Reason', '--time-zone', 'Europe/Berlin'];

interface Measured {
  readonly file: string;
  readonly rows: number;
  readonly seconds: number;
  /** Time of the processor. It is less than the time that passes on a busy machine. */
  readonly cpuSeconds: number;
  readonly megabytes: number;
  readonly isWithinLimits: boolean;
}

/** Measures the dry run of `relay backfill` on files of 100,000 rows, in a process of its own. */
export async function measureSurvey(folder: string): Promise<readonly Measured[]> {
  const rows = Array.from({ length: ROWS }, (_, index) => rowOf(index));
  const csv = ['Email;At;Reason;Name;Status', ...rows.map((row) => Object.values(row).join(';'))].join('\r\n');
  const lines = rows.map((row) => JSON.stringify(row)).join('\n');
  return [
    await measure('CSV', join(folder, 'survey.csv'), csv),
    await measure('JSON Lines', join(folder, 'survey.jsonl'), lines),
    await measure('JSON', join(folder, 'survey.json'), JSON.stringify({ items: rows })),
  ];
}

function rowOf(index: number) {
  const at = new Date(Date.UTC(2026, 0, 1) + index * 60_000).toISOString().slice(0, 'yyyy-mm-ddThh:mm:ss'.length);
  const [Reason, Status] = index % 3 === 0 ? ['HardBounce', 'bounced'] : ['ManualSuppression', 'unsubscribed'];
  return { Email: `person-${index}@example.com`, At: at, Reason, Name: '"Love, lace"', Status };
}

async function measure(name: string, file: string, text: string): Promise<Measured> {
  writeFileSync(file, text);
  const startedAtMs = performance.now();
  const args = ['--import', USAGE, RELAY, 'backfill', '--json', ...COLUMNS, file];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args);
  const seconds = (performance.now() - startedAtMs) / 1000;
  const { maxRSS, userCPUTime, systemCPUTime } = JSON.parse(stderr);
  const [megabytes, cpuSeconds] = [maxRSS / 1024, (userCPUTime + systemCPUTime) / 1e6];
  const isWithinLimits = seconds < LIMITS.seconds && megabytes < LIMITS.megabytes;
  const { optOuts } = JSON.parse(stdout);
  const used = { seconds: rounded(seconds), cpuSeconds: rounded(cpuSeconds), megabytes: rounded(megabytes) };
  return { file: name, rows: optOuts, ...used, isWithinLimits };
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
