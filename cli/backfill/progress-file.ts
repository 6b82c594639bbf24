import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import * as z from 'zod/mini';
import type { QuotaUsage } from './quota.ts';

/** How far a file has been sent, and how much of the daily quota that used. */
export interface ResumePoint {
  readonly line: number;
  readonly usage: QuotaUsage;
}

/** Stores the resume point next to the CSV file, as `<file>.progress`. It contains no address. */
export interface ProgressFile {
  read(): ResumePoint;
  write(point: ResumePoint): void;
  remove(): void;
}

const START: ResumePoint = { line: 0, usage: { sinceMs: 0, count: 0 } };

const stored = z.object({
  fingerprint: z.string(),
  line: z.number(),
  usage: z.object({ sinceMs: z.number(), count: z.number() }),
});

/**
 * @param settings everything that affects the opt-out of a row. A resume point applies only to the same settings and the
 * unchanged file.
 */
export function createProgressFile(file: string, settings: readonly unknown[]): ProgressFile {
  const { size, mtimeMs } = statSync(file);
  const fingerprint = JSON.stringify([size, mtimeMs, ...settings]);
  const path = `${file}.progress`;
  return {
    read() {
      try {
        const point = z.parse(stored, JSON.parse(readFileSync(path, 'utf8')));
        return point.fingerprint === fingerprint ? point : START;
      } catch {
        // The file is missing or was not written completely. Sending a row twice is harmless: it is a duplicate.
        return START;
      }
    },
    write: (point) => writeFileSync(path, JSON.stringify({ fingerprint, ...point })),
    remove: () => rmSync(path, { force: true }),
  };
}
