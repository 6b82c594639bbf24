import { randomUUID } from 'node:crypto';

/** Returns a new address. */
export const someone = (): string => `journey.${randomUUID()}@example.com`;
