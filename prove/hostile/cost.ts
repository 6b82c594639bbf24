import { sources } from '../../functions/sources/index.ts';
import type { FunctionProcess } from '../harness/function-process.ts';
import { httpEvent } from '../harness/http-event.ts';
import type { Proof, Table } from '../harness/proof.ts';
import { newKeyOf, sampleKeyOf } from '../harness/senders.ts';
import type { CostlyRequest, CostSize, SecretCount } from './cost-requests.ts';
import { costlyRequests, SECRET_COUNTS } from './cost-requests.ts';

/** The most CPU time of a request, on a core that runs `calibrate` in `CALIBRATION_MS`. */
const LIMIT_MS = { unverified: 100, verified: 1_000 } as const;

/** A request that seems too expensive is measured again, since other processes and the garbage collector take time too. */
const ATTEMPTS = 5;

const nameOf = (count: SecretCount): string => `sources-${count}`;

/** The contents of the `sources` secret by name, for `measureCosts`. */
export function secretsOfSources(): Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> {
  const ofSource = (source: string) => [...Array(9).fill(newKeyOf(source).secret), sampleKeyOf(source).secret];
  const all = sources.map(({ name }) => [name, ofSource(name)] as const);
  const last = (count: SecretCount) => all.map(([name, secrets]) => [name, secrets.slice(10 - count)]);
  return Object.fromEntries(SECRET_COUNTS.map((count) => [nameOf(count), Object.fromEntries(last(count))]));
}

/** Starts the function `webhook` with a `sources` secret. */
export type StartWebhook = (sourcesSecret: string) => Promise<FunctionProcess>;

/**
 * Sends the most expensive bodies that are known to every source: from a caller who does not know the secret, to a source
 * without a secret, with one and with ten, and correctly signed. Returns the worst body of each source.
 */
export async function measureCosts(proof: Proof, size: CostSize, start: StartWebhook): Promise<Table> {
  const meters = new Map<SecretCount, Meter>();
  const webhooks: FunctionProcess[] = [];
  for (const count of SECRET_COUNTS) {
    const webhook = await start(nameOf(count));
    webhooks.push(webhook);
    meters.set(count, await createMeter(webhook));
  }
  const worst = new Map<string, Measured>();
  for (const attack of costlyRequests(size)) {
    const limitMs = LIMIT_MS[attack.trust] * Math.min(1, 2 * size.share);
    const measured = await meters.get(attack.secrets)?.(attack, limitMs);
    if (measured === undefined) continue;
    proof.check(isCheap(measured, limitMs), () => sentenceOf(measured));
    const key = `${attack.trust} ${attack.source}`;
    if (measured.ms > (worst.get(key)?.ms ?? 0)) worst.set(key, measured);
  }
  for (const webhook of webhooks) await webhook.close();
  return tableOf(worst);
}

function isCheap({ trust, status, ms }: Measured, limitMs: number): boolean {
  return ms <= limitMs && (trust === 'verified' || status === 401 || status === 413);
}

function sentenceOf({ source, secrets, trust, what, status, ms }: Measured): string {
  return `webhook, ${what}, ${trust}, to ${source} with ${secrets} secrets: ${status} after ${Math.round(ms)} ms`;
}

interface Measured extends CostlyRequest {
  readonly status: unknown;
  /** CPU time, as it would be on the machine for which the limits are stated. */
  readonly ms: number;
}

type Meter = (attack: CostlyRequest, limitMs: number) => Promise<Measured>;

/** Calibrates again before it measures a request again. */
async function createMeter(webhook: FunctionProcess): Promise<Meter> {
  let factor = await webhook.slowness();
  return async (attack, limitMs) => {
    const event = eventOf(attack);
    let response: unknown;
    let ms = Number.POSITIVE_INFINITY;
    for (let attempt = 1; attempt <= ATTEMPTS && ms > limitMs; attempt += 1) {
      if (attempt > 1) factor = await webhook.slowness();
      const invoked = await webhook.invoke(event);
      response = invoked.response;
      ms = Math.min(ms, invoked.cpuMs / factor);
    }
    const { statusCode: status = response } = Object(response);
    return { ...attack, status, ms };
  };
}

function eventOf({ source, request }: CostlyRequest): unknown {
  const route = { routeKey: 'POST /webhooks/{source}', path: `/webhooks/${source}`, parameters: { source } };
  return httpEvent({ ...route, ...request });
}

/** The worst body of each source, from a caller without the secret and from its sender. */
function tableOf(worst: ReadonlyMap<string, Measured>): Table {
  const cells = (found: Measured | undefined) => [`${Math.round(found?.ms ?? 0)}`, found?.what ?? ''];
  const rows = sources.map(({ name }) => {
    const unverified = worst.get(`unverified ${name}`);
    return [name, ...cells(unverified), `${unverified?.secrets ?? ''}`, ...cells(worst.get(`verified ${name}`))];
  });
  return { head: ['source', 'unverified, ms', 'worst body', 'secrets', 'verified, ms', 'worst body'], rows };
}
