import * as z from 'zod/mini';
import { HubSpotError, invalid } from './errors.ts';
import type { ApiCall, ApiResponse } from './http.ts';
import { readJson } from './json.ts';
import { wideRow } from './person.ts';
import type { Portal } from './portal.ts';
import { normalize } from './store.ts';
import {
  brandOf,
  changeStatus,
  complete,
  echoOf,
  optOut,
  readPerson,
  STATUS_REQUEST,
  statusRows,
  wideRowsFor,
} from './subscribers.ts';

/** HubSpot documents no maximum for these endpoints. This is the maximum of its other batch endpoints. */
const MAX_INPUTS = 100;
const statusOfOne = z.strictObject({ ...STATUS_REQUEST, subscriberIdString: z.string() });

/** POST …/statuses/batch/unsubscribe-all. The status is 200 even if inputs fail; those are in `errors`. */
export function unsubscribeAllOfMany(call: ApiCall, portal: Portal): ApiResponse {
  const at = { brand: brandOf(call, portal.settings) ?? 0, at: call.at };
  const { results, failures } = each(addressesOf(call), (address) => ({
    subscriberIdString: echoOf(portal, address),
    statuses: optOut(portal, address, at),
  }));
  return complete(call, call.query.get('verbose') === 'true' ? results : [], failures);
}

/** POST …/statuses/batch/unsubscribe-all/read. */
export function readUnsubscribeAllOfMany(call: ApiCall, portal: Portal): ApiResponse {
  const brand = brandOf(call, portal.settings);
  return readMany(call, (address) => {
    const subscriberIdString = echoOf(portal, address);
    const rows = wideRowsFor(readPerson(portal, address), brand);
    return { subscriberIdString, wideStatuses: rows.map((row) => wideRow(row, subscriberIdString)) };
  });
}

/** POST …/statuses/batch/read. */
export function readStatusesOfMany(call: ApiCall, portal: Portal): ApiResponse {
  const brand = brandOf(call, portal.settings);
  const brands = brand === undefined ? portal.settings.brands : [brand];
  return readMany(call, (address) => {
    const subscriberIdString = echoOf(portal, address);
    return { subscriberIdString, statuses: statusRows(readPerson(portal, address), brands, { subscriberIdString }) };
  });
}

/** POST …/statuses/batch/write. */
export function writeStatuses(call: ApiCall, portal: Portal): ApiResponse {
  const { results, failures } = each(inputsOf(call, statusOfOne), (request) => changeStatus(portal, request, call.at));
  return complete(call, results, failures);
}

/** A partly failed read has status 207, except in 2026-09. */
function readMany(call: ApiCall, readOne: (address: string) => unknown): ApiResponse {
  const { results, failures } = each(addressesOf(call), readOne);
  const partly = 'errors' in failures && call.version !== '2026-09';
  return { ...complete(call, results, failures), status: partly ? 207 : 200 };
}

/** Carries out each input; a failed one does not affect the others. */
function each<Input, Result>(inputs: readonly Input[], carryOut: (input: Input) => Result) {
  const results: Result[] = [];
  const errors: Readonly<Record<string, unknown>>[] = [];
  for (const input of inputs) {
    try {
      results.push(carryOut(input));
    } catch (error) {
      if (!(error instanceof HubSpotError)) throw error;
      errors.push({ status: 'error', ...error.fields, message: error.message, context: {}, errors: [], links: {} });
    }
  }
  return { results, failures: errors.length > 0 ? { numErrors: errors.length, errors } : {} };
}

/** Returns the addresses without duplicates. HubSpot does not document how often it returns a duplicate; here it is once. */
function addressesOf(call: ApiCall): readonly string[] {
  const first = new Map<string, string>();
  for (const address of inputsOf(call, z.string())) {
    const email = normalize(address);
    if (!first.has(email)) first.set(email, address);
  }
  return [...first.values()];
}

function inputsOf<Input>(call: ApiCall, input: z.ZodMiniType<Input>): readonly Input[] {
  const { inputs } = readJson(call.body, z.strictObject({ inputs: z.array(input) }));
  if (inputs.length > MAX_INPUTS) throw invalid(`inputs must not have more than ${MAX_INPUTS} entries`);
  return inputs;
}
