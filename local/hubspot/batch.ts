import { HubSpotError, invalid } from './errors.ts';
import { wideRow } from './person.ts';
import type { Answer, Call, Portal } from './portal.ts';
import { type Kind, listOf, objectOf, readJson, text } from './shape.ts';
import {
  brandOf,
  changeStatus,
  complete,
  known,
  optOut,
  STATUS_REQUEST,
  statusRows,
  wideRowsFor,
} from './subscribers.ts';

/** HubSpot states no largest batch for these endpoints; this is that of its other ones. */
const MOST_INPUTS = 100;
const STATUS_OF_ONE = objectOf({ ...STATUS_REQUEST, subscriberIdString: text });

/** POST …/statuses/batch/unsubscribe-all. 200 even when inputs failed: those are in `errors`. */
export function unsubscribeAllOfMany(call: Call, { store }: Portal): Answer {
  const at = { brand: brandOf(call) ?? 0, at: call.at };
  const { results, failures } = each(inputsOf(call, text), (address) => ({
    subscriberIdString: address,
    statuses: optOut(store, address, at),
  }));
  return complete(call, call.query.get('verbose') === 'true' ? results : [], failures);
}

/** POST …/statuses/batch/unsubscribe-all/read. */
export function readUnsubscribeAllOfMany(call: Call, { store }: Portal): Answer {
  const brand = brandOf(call);
  return readMany(call, (address) => ({
    subscriberIdString: address,
    wideStatuses: wideRowsFor(known(store, address), brand).map((row) => wideRow(row, address)),
  }));
}

/** POST …/statuses/batch/read. */
export function readStatusesOfMany(call: Call, { store }: Portal): Answer {
  const brand = brandOf(call) ?? 0;
  return readMany(call, (address) => ({
    subscriberIdString: address,
    statuses: statusRows(known(store, address), brand, { subscriberIdString: address }),
  }));
}

/** POST …/statuses/batch/write. */
export function writeStatuses(call: Call, { store }: Portal): Answer {
  const { results, failures } = each(inputsOf(call, STATUS_OF_ONE), (request) => changeStatus(store, request, call.at));
  return complete(call, results, failures);
}

/** Reads that fail in part are 207, but no longer in 2026-09. */
function readMany(call: Call, readOne: (address: string) => unknown): Answer {
  const { results, failures } = each(inputsOf(call, text), readOne);
  const partly = 'errors' in failures && call.version !== '2026-09';
  return { ...complete(call, results, failures), status: partly ? 207 : 200 };
}

/** One bad input costs its neighbours nothing. */
function each<I, R>(inputs: readonly I[], carryOut: (input: I) => R) {
  const results: R[] = [];
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

function inputsOf<T>(call: Call, kind: Kind<T>): readonly T[] {
  const { inputs } = readJson(call.body, objectOf({ inputs: listOf(kind) }));
  if (inputs.length > MOST_INPUTS) throw invalid(`inputs may hold ${MOST_INPUTS} entries at most`);
  return inputs;
}
