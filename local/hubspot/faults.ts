import * as z from 'zod/mini';
import { errorBody, usualError } from './errors.ts';
import type { ApiRequest, ApiResponse } from './http.ts';
import { InvalidBody, readJson, whole } from './json.ts';

const fault = z.strictObject({
  /** Part of the path and query, as sent or percent-decoded. If omitted, every request matches. */
  match: z.nullish(z.string()),
  method: z.nullish(z.string()),
  /** Part of the body as sent, for example an address in a batch. */
  matchBody: z.nullish(z.string()),
  /** How many requests fail. If omitted, every request until the faults are cleared. */
  times: z.nullish(whole(1)),
  status: z.nullish(whole(200, 599)),
  headers: z.nullish(z.record(z.string().check(z.regex(/^[\w-]+$/)), z.string().check(z.regex(/^[ -~]*$/)))),
  body: z.optional(z.unknown()),
  delayMs: z.nullish(whole(0, 3_600_000)),
  /** Cut the connection before or after the request is carried out. */
  drop: z.nullish(z.enum(['before', 'after'])),
  /** Carry the request out although the response is replaced. */
  apply: z.nullish(z.boolean()),
});

/** A planned failure of a request. */
export type Fault = Readonly<z.infer<typeof fault>>;

/** The planned faults, in the order they were added. */
export interface Faults {
  /** Returns the first fault that matches, and uses it up once. */
  take(request: Pick<ApiRequest, 'method' | 'target' | 'body'>): Fault | undefined;
  /**
   * Adds the faults in a JSON list. An empty list removes all.
   * @throws {InvalidBody}
   */
  plan(json: string): void;
  left(): readonly Fault[];
  clear(): void;
}

export function createFaults(): Faults {
  let planned: readonly Fault[] = [];
  return {
    take(request) {
      const taken = planned.find((each) => matches(each, request));
      planned = planned.flatMap((each) => (each === taken ? usedOnce(each) : each));
      return taken;
    },
    plan(json) {
      const added = readJson(json, z.array(fault));
      if (!added.every(hasEffect)) throw new InvalidBody('a fault must have status, body, delayMs or drop');
      planned = added.length === 0 ? [] : [...planned, ...added];
    },
    left: () => planned,
    clear() {
      planned = [];
    },
  };
}

/** Returns true if the request is carried out despite the fault. */
export const carriesOut = (fault: Fault): boolean =>
  fault.drop == null ? fault.apply === true || !replacesResponse(fault) : fault.drop === 'after';

/** Returns true if the fault has its own response. A fault that only delays has none. */
export const replacesResponse = ({ status, body }: Fault): boolean => status != null || body != null;

/** Returns the fault's own response. The status is 200 by default, and the body from 400 up is HubSpot's error body. */
export function faultResponse(fault: Fault, correlationId: string): ApiResponse {
  const status = fault.status ?? 200;
  return { status, body: fault.body ?? (status < 400 ? '' : errorBody(usualError(status), correlationId)) };
}

const hasEffect = (fault: Fault): boolean => replacesResponse(fault) || fault.delayMs != null || fault.drop != null;

function matches(fault: Fault, { method, target, body }: Parameters<Faults['take']>[0]): boolean {
  const match = fault.match ?? '';
  return (
    (fault.method ?? method).toUpperCase() === method &&
    (target.includes(match) || decoded(target).includes(match)) &&
    body.includes(fault.matchBody ?? '')
  );
}

function usedOnce(fault: Fault): readonly Fault[] {
  if (fault.times == null) return [fault];
  return fault.times > 1 ? [{ ...fault, times: fault.times - 1 }] : [];
}

function decoded(target: string): string {
  try {
    return decodeURIComponent(target);
  } catch {
    return target;
  }
}
