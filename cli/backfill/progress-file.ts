import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import * as z from 'zod/mini';
import type { QuotaUsage } from './quota.ts';

/** How far a file has been sent, and what that took of the day's share. */
export interface ResumePoint {
  readonly line: number;
  readonly taken: QuotaUsage;
}

/** Where that is kept: beside the file, and for this very file and these settings alone. It holds no address. */
export interface Bookmark {
  read(): ResumePoint;
  write(point: ResumePoint): void;
  remove(): void;
}

const START: ResumePoint = { line: 0, taken: { sinceMs: 0, count: 0 } };

const kept = z.object({
  of: z.string(),
  line: z.number(),
  taken: z.object({ sinceMs: z.number(), count: z.number() }),
});

/** `settings`: whatever makes another opt-out of the same row. */
export function bookmarkOf(file: string, settings: readonly unknown[]): Bookmark {
  const { size, mtimeMs } = statSync(file);
  const of = JSON.stringify([size, mtimeMs, ...settings]);
  const path = `${file}.progress`;
  return {
    read() {
      try {
        const point = z.parse(kept, JSON.parse(readFileSync(path, 'utf8')));
        return point.of === of ? point : START;
      } catch {
        // None, or cut off while it was written: what is sent twice is a duplicate, and does nothing.
        return START;
      }
    },
    write: (point) => writeFileSync(path, JSON.stringify({ of, ...point })),
    remove: () => rmSync(path, { force: true }),
  };
}
