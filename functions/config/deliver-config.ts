import * as z from 'zod/mini';
import type { Brake } from '../core/delivery/surge-limit.ts';
import { defaultBrake } from '../core/delivery/surge-limit.ts';

/** What relay.config.ts may say about how HubSpot is told. */
export const deliverFields = {
  /** Opt-outs that machines and programs infer: hard bounces, imports, generic webhooks. `false` switches the brake off. */
  brake: z._default(
    z.strictObject({
      perSourceAndHour: z.union([z.literal(false), z.int().check(z.minimum(1), z.maximum(1_000_000))]),
    }),
    defaultBrake,
  ),
  /** An older signal is checked for a newer opt-in before HubSpot is told. 0: every one. */
  staleAfterSeconds: z._default(z.int().check(z.minimum(0), z.maximum(86_400)), 3_600),
  /** What the result bus is told, where there is one. */
  results: z._default(z.strictObject({ withAddress: z._default(z.boolean(), false) }), { withAddress: false }),
};

/** The checked form of it. */
export interface DeliverConfig {
  readonly brake: Brake;
  readonly staleAfterSeconds: number;
  readonly results: { readonly withAddress: boolean };
}
