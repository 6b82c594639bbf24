import * as z from 'zod/mini';
import { Unreadable } from '../core/model/errors.ts';
import { isObject } from '../core/payload/fields.ts';
import type { ParsedRequest } from '../core/readers/opt-out-request.ts';

const text = (about: string) => z.optional(z.string().check(z.minLength(1), z.describe(about)));
/** Times before 1970 are in the form, but no times of an opt-out. */
const time = z.iso.datetime({ offset: true }).check(z.refine((value) => Date.parse(value) > 0));

/**
 * The `detail` of our own event, version 1. `docs/opt-out-requested.schema.json` is made of it. A field that has no name here
 * is no fault.
 */
export const optOutRequested = z
  .object({
    version: z.literal(1),
    email: z.string().check(z.describe('Whom it is about.')),
    id: text('The same when the event is put again, and different for everything else. Default: the id of the event.'),
    occurredAt: z.optional(time.check(z.describe('When the person asked. Default: when the event was put.'))),
    brand: text('A name under `brands` in relay.config.ts. Default: every brand.'),
    list: text('What the person leaves. Default: everything.'),
    reason: z.optional(z.enum(['opt_out', 'complaint', 'hard_bounce']).check(z.describe('Default: opt_out.'))),
  })
  .check(z.meta({ title: 'Opt-Out Requested', description: 'The detail of an event of this detail-type.' }));

/** Reads it without the optional fields that are not valid. Throws Unreadable when the version or the address is not. */
export function parseOptOutRequested(detail: unknown): ParsedRequest {
  const read = z.safeParse(optOutRequested, detail);
  if (read.success) return { request: read.data, leftOut: [] };
  const leftOut = [...new Set(read.error.issues.map(({ path }) => String(path[0])))];
  const rest = Object.entries(isObject(detail) ? detail : {}).filter(([name]) => !leftOut.includes(name));
  const again = z.safeParse(optOutRequested, Object.fromEntries(rest));
  if (again.success) return { request: again.data, leftOut };
  throw new Unreadable(`detail.${again.error.issues[0]?.path.join('.')} is not valid`);
}
