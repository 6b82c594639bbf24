import * as z from 'zod/mini';
import { InvalidBody, readJson, whole } from './json.ts';
import { LARGEST_BRAND } from './subscriptions.ts';

/** The account's products and settings, and the simulator's ways to respond. */
export interface Settings {
  /** The business units, 0 first: the account itself. An account with the Brands add-on has more than one. */
  readonly brands: readonly number[];
  /** Every write of one status needs a legal basis and its explanation. */
  readonly dataPrivacy: boolean;
  /** The account has Marketing Hub Enterprise, so that the batch scopes can be granted. */
  readonly batch: boolean;
  /** IANA name. The daily limit starts again at midnight in it. */
  readonly timeZone: string;
  /** Responses repeat an address as it was sent, or as HubSpot stores it. */
  readonly echo: 'sent' | 'normalized';
  /** Reads show an address as it was this many milliseconds ago. */
  readonly lagMs: number;
}

export const DEFAULT_SETTINGS: Settings = {
  brands: [0],
  dataPrivacy: false,
  batch: true,
  timeZone: 'UTC',
  echo: 'sent',
  lagMs: 0,
};

const settingsChange = z.strictObject({
  brands: z.exactOptional(z.array(whole(0, LARGEST_BRAND))),
  dataPrivacy: z.exactOptional(z.boolean()),
  batch: z.exactOptional(z.boolean()),
  timeZone: z.exactOptional(z.string().check(z.refine(isTimeZone, 'Invalid input: expected an IANA time zone'))),
  echo: z.exactOptional(z.enum(['sent', 'normalized'])),
  lagMs: z.exactOptional(whole(0, 3_600_000)),
});

/**
 * Returns the settings with the changes in a JSON object. Brand 0 is always one of the brands.
 * @throws {InvalidBody}
 */
export function changeSettings(settings: Settings, json: string): Settings {
  const { brands, ...rest } = readJson(json, settingsChange);
  return { ...settings, ...rest, ...(brands && { brands: withAccount(brands) }) };
}

/** Returns the brands with 0 first and without duplicates. */
export const withAccount = (brands: readonly number[]): readonly number[] => [...new Set([0, ...brands])];

/** Returns true if the account has the Brands add-on. */
export const hasBrands = ({ brands }: Settings): boolean => brands.length > 1;

/**
 * Throws unless the account has a brand. For the control paths.
 * @throws {InvalidBody}
 */
export function requireKnownBrand({ brands }: Settings, brand: number): void {
  if (!brands.includes(brand)) throw new InvalidBody(`the account has no brand ${brand}`);
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
}
