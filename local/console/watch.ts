import { AsyncLocalStorage } from 'node:async_hooks';
import type { WatchRequest } from '../gateway.ts';
import type { WatchCall } from '../hubspot/simulator.ts';
import type { Feed } from './feed.ts';
import { createFeed } from './feed.ts';
import { followJourneys, isAttempt } from './journeys.ts';
import type { LogLine } from './log-lines.ts';
import { tapLogLines } from './log-lines.ts';

/** Observes the gateway, the log of the functions, and the HubSpot simulator for the console. */
export interface Watch {
  readonly feed: Feed;
  readonly request: WatchRequest;
  readonly call: WatchCall;
  /** Publishes the totals if they have changed. */
  showTotals(): void;
  /** Stops observing stdout. */
  close(): void;
}

/** A request in progress. Log lines written meanwhile belong to it. */
interface CurrentRequest {
  readonly receivedAt: number;
  optOuts: number;
  note: string | undefined;
}

const MAX_ADDRESSES = 2000;

export function createWatch(): Watch {
  const feed = createFeed();
  const current = new AsyncLocalStorage<CurrentRequest>();
  const journeys = followJourneys();
  const totals = countTotals(feed);
  const addresses = new Map<string, string>();
  const see = (line: LogLine) => {
    const request = current.getStore();
    if (request) noteOn(request, line);
    const journey = journeys.follow(line, Date.now(), request?.receivedAt);
    if (!journey) return;
    totals.line(line);
    const email = addresses.get(journey.correlationId ?? '');
    feed.publish('journey', journey.id, { ...journey, ...(email === undefined ? {} : { email }) });
  };
  return {
    feed,
    request: watchRequests(feed, (request, respond) => {
      totals.count('requests');
      return current.run(request, respond);
    }),
    call: watchCalls(feed, ({ correlationId, email }) => {
      totals.count('calls');
      addresses.set(correlationId, email);
      const [oldest] = addresses.keys();
      if (addresses.size > MAX_ADDRESSES && oldest !== undefined) addresses.delete(oldest);
    }),
    showTotals: totals.show,
    close: tapLogLines(see),
  };
}

/** Adds a log line to its request. Log lines have no values of the request. */
function noteOn(request: CurrentRequest, line: LogLine): void {
  if (line.event === 'optout.accepted') request.optOuts += 1;
  if (line.event === 'request.failed') request.note = `failed: ${line.reason ?? line.name}`;
  if (line.event === 'request.unauthenticated') request.note = `${line.reason}`;
  if (line.event === 'signals.ignored') request.note = `${line.count} ignored`;
  if (line.event === 'signals.unreadable') request.note = `unreadable: ${line.reasons}`;
}

function countTotals(feed: Feed) {
  const totals = { requests: 0, accepted: 0, attempts: 0, deferred: 0, calls: 0, confirmed: 0, ended: 0 };
  // A backfill puts opt-outs on the queue without a log line here. They count once they are attempted.
  const accepted = new Set<unknown>();
  const ended = new Set<unknown>();
  let shown = '';
  return {
    count(name: keyof typeof totals) {
      totals[name] += 1;
    },
    line(line: LogLine) {
      const { outcome, optOutId } = line;
      totals.accepted = accepted.add(optOutId).size;
      if (isAttempt(line)) totals.attempts += 1;
      if (outcome === 'deferred' || outcome === 'confirmed') totals[outcome] += 1;
      if (ENDS.has(outcome)) totals.ended = ended.add(optOutId).size;
    },
    show() {
      const now = JSON.stringify(totals);
      if (now !== shown) feed.publish('totals', '', totals);
      shown = now;
    },
  };
}

/** Outcomes after which an opt-out is no longer on a queue. */
const ENDS: ReadonlySet<unknown> = new Set(['confirmed', 'rejected', 'held', 'superseded']);

type Run = <Result>(request: CurrentRequest, respond: () => Promise<Result>) => Promise<Result>;

function watchRequests(feed: Feed, run: Run): WatchRequest {
  let id = 0;
  return async ({ method, path }, respond) => {
    id += 1;
    const shown = { id, at: Date.now(), method, path: shortened(path) };
    const request: CurrentRequest = { receivedAt: shown.at, optOuts: 0, note: undefined };
    const show = (status: number) => {
      const { optOuts, note } = request;
      feed.publish('request', shown.id, { ...shown, status, tookMs: Date.now() - shown.at, optOuts, note });
    };
    try {
      const result = await run(request, respond);
      show(result.statusCode ?? 200);
      return result;
    } catch (error) {
      show(500);
      throw error;
    }
  };
}

/** Shortens sealed tokens, which are unreadable. */
const shortened = (path: string): string => path.replace(/[^/]{40,}/g, (segment) => `${segment.slice(0, 12)}…`);

function watchCalls(
  feed: Feed,
  see: (call: { readonly correlationId: string; readonly email: string }) => void,
): WatchCall {
  let id = 0;
  return ({ method, path, correlationId }) => {
    id += 1;
    const shown = { id, at: Date.now(), method, path: readable(path) };
    see({ correlationId, email: /\/statuses\/([^/?]+)/.exec(shown.path)?.[1] ?? '' });
    feed.publish('call', shown.id, shown);
    return (status) => feed.publish('call', shown.id, { ...shown, status, tookMs: Date.now() - shown.at });
  };
}

function readable(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
