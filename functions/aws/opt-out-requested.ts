import * as z from 'zod/mini';
import { Unreadable } from '../core/model/errors.ts';
import { isObject } from '../core/payload/fields.ts';
import type { ParsedRequest } from '../core/readers/opt-out-request.ts';

const text = (description: string) => z.optional(z.string().check(z.minLength(1), z.describe(description)));
/** Times before 1970 are valid ISO 8601, but cannot be times of an opt-out. */
const time = z.iso.datetime({ offset: true }).check(z.refine((value) => Date.parse(value) > 0));

/**
 * The `detail` of an `Opt-Out Requested` event, version 1. `docs/opt-out-requested.schema.json` is generated from it.
 * Unknown fields are ignored.
 */
export const optOutRequested = z
  .object({
    version: z.literal(1),
    email: z.string().check(z.describe('Email address of the recipient.')),
    id: text('Unique per opt-out. Reuse it if you send the same event again. Default: the id of the event.'),
    occurredAt: z.optional(time.check(z.describe('When the recipient opted out. Default: the time of the event.'))),
    brand: text('A name under `brands` in relay.config.ts. Default: every brand.'),
    list: text('The list that the recipient leaves. Default: all lists.'),
    reason: z.optional(z.enum(['opt_out', 'complaint', 'hard_bounce']).check(z.describe('Default: opt_out.'))),
  })
  .check(z.meta({ title: 'Opt-Out Requested', description: 'The detail of an event with this detail-type.' }));

/** Parses a `detail` and drops invalid optional fields. Throws Unreadable if the version or the address is invalid. */
export function parseOptOutRequested(detail: unknown): ParsedRequest {
  const read = z.safeParse(optOutRequested, detail);
  if (read.success) return { request: read.data, ignoredFields: [] };
  const ignoredFields = [...new Set(read.error.issues.map(({ path }) => String(path[0])))];
  const rest = Object.entries(isObject(detail) ? detail : {}).filter(([name]) => !ignoredFields.includes(name));
  const again = z.safeParse(optOutRequested, Object.fromEntries(rest));
  if (again.success) return { request: again.data, ignoredFields };
  throw new Unreadable(`detail.${again.error.issues[0]?.path.join('.')} is not valid`);
}
