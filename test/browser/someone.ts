import { randomUUID } from 'node:crypto';

/** An address that nobody has used. */
export const someone = (): string => `journey.${randomUUID()}@example.com`;
