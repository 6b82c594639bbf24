import { errorBody, usualError } from './errors.ts';
import type { Answer } from './portal.ts';
import {
  type Accepted,
  anything,
  flag,
  isRecord,
  type Kind,
  listOf,
  objectOf,
  oneOf,
  optional,
  readJson,
  text,
  WrongShape,
  whole,
} from './shape.ts';

const HEADERS: Kind<Readonly<Record<string, string>>> = {
  expected: '{"Name": "printable text"}',
  accepts: (value): value is Readonly<Record<string, string>> =>
    isRecord(value) &&
    Object.entries(value).every(
      ([name, held]) => /^[\w-]+$/.test(name) && typeof held === 'string' && /^[ -~]*$/.test(held),
    ),
};
const FAULT = objectOf({
  /** Part of path and query, as sent or percent-decoded. Absent: any. */
  match: optional(text),
  method: optional(text),
  /** How often it happens; 1 when absent. */
  times: optional(whole(1)),
  status: optional(whole(200, 599)),
  headers: optional(HEADERS),
  body: optional(anything),
  delayMs: optional(whole(0, 3_600_000)),
  drop: optional(oneOf('before', 'after')),
  /** Carry the request out although the answer is replaced. */
  apply: optional(flag),
});

/** Something to go wrong. */
export type Fault = Accepted<typeof FAULT>;

/** What is to go wrong, in the order it was asked for. */
export interface Faults {
  /** The first that matches, which is thereby used once. */
  take(method: string, target: string): Fault | undefined;
  /** Adds a JSON list of them; an empty one takes all away. Throws WrongShape. */
  plan(json: string): void;
  left(): readonly Fault[];
  clear(): void;
}

export function planFaults(): Faults {
  let planned: readonly Fault[] = [];
  return {
    take(method, target) {
      const taken = planned.find((fault) => matches(fault, method, target));
      planned = planned.flatMap((fault) => (fault === taken ? usedOnce(fault) : fault));
      return taken;
    },
    plan(json) {
      const added = readJson(json, listOf(FAULT));
      if (!added.every(doesSomething)) throw new WrongShape('a fault must have status, body, delayMs or drop');
      planned = added.length === 0 ? [] : [...planned, ...added];
    },
    left: () => planned,
    clear() {
      planned = [];
    },
  };
}

/** Whether the request is carried out all the same. */
export const applies = (fault: Fault): boolean =>
  fault.drop == null ? fault.apply === true || !replaces(fault) : fault.drop === 'after';

/** Whether the fault answers by itself; one that only delays does not. */
export const replaces = ({ status, body }: Fault): boolean => status != null || body != null;

/** What it then answers: 200 unless it says else, and from 400 up HubSpot's error body unless it says else. */
export function faultAnswer(fault: Fault, correlationId: string): Answer {
  const status = fault.status ?? 200;
  return { status, body: fault.body ?? (status < 400 ? '' : errorBody(usualError(status), correlationId)) };
}

const doesSomething = (fault: Fault): boolean => replaces(fault) || fault.delayMs != null || fault.drop != null;

function matches(fault: Fault, method: string, target: string): boolean {
  const match = fault.match ?? '';
  return (
    (fault.method ?? method).toUpperCase() === method && (target.includes(match) || decoded(target).includes(match))
  );
}

const usedOnce = ({ times, ...fault }: Fault): readonly Fault[] =>
  times != null && times > 1 ? [{ ...fault, times: times - 1 }] : [];

function decoded(target: string): string {
  try {
    return decodeURIComponent(target);
  } catch {
    return target;
  }
}
