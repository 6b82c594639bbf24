import { createHash } from 'node:crypto';
import process from 'node:process';
import { sources } from '../../functions/sources/index.ts';
import type { Handler } from '../../local/lambda.ts';
import { invoke, loadHandler } from '../../local/lambda.ts';
import { httpEvent } from '../harness/http-event.ts';
import type { Proof, Table } from '../harness/proof.ts';
import { newKeyOf, sampleKeyOf } from '../harness/senders.ts';
import type { CostlyRequest, CostSize, SecretCount } from './cost-requests.ts';
import { costlyRequests, SECRET_COUNTS } from './cost-requests.ts';

/** The most CPU time of a request, on a core that runs `calibrate` in `CALIBRATION_MS`. */
const LIMIT_MS = { unverified: 100, verified: 1_000 } as const;

/** The CPU time of `calibrate` on the machine for which the limits are stated: an AMD EPYC core of 2024. */
const CALIBRATION_MS = 20;

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

/**
 * Sends the most expensive bodies that are known to every source: from a caller who does not know the secret, to a source
 * without a secret, with one and with ten, and correctly signed. Returns the worst body of each source.
 */
export async function measureCosts(proof: Proof, size: CostSize): Promise<Table> {
  const measure = await createMeter(await loadHandlers());
  const worst = new Map<string, Measured>();
  for (const attack of costlyRequests(size)) {
    const limitMs = LIMIT_MS[attack.trust] * Math.min(1, 2 * size.share);
    const measured = await measure(attack, limitMs);
    proof.check(isCheap(measured, limitMs), () => sentenceOf(measured));
    const key = `${attack.trust} ${attack.source}`;
    if (measured.ms > (worst.get(key)?.ms ?? 0)) worst.set(key, measured);
  }
  return tableOf(worst);
}

function isCheap({ trust, status, ms }: Measured, limitMs: number): boolean {
  return ms <= limitMs && (trust === 'verified' || status === 401 || status === 413);
}

function sentenceOf({ source, secrets, trust, what, status, ms }: Measured): string {
  return `webhook, ${what}, ${trust}, to ${source} with ${secrets} secrets: ${status} after ${Math.round(ms)} ms`;
}

async function loadHandlers(): Promise<Readonly<Record<SecretCount, Handler>>> {
  const { SOURCES_SECRET } = process.env;
  const loaded: [SecretCount, Handler][] = [];
  for (const count of SECRET_COUNTS) {
    process.env.SOURCES_SECRET = nameOf(count);
    loaded.push([count, await loadHandler('webhook', 100 + count)]);
  }
  process.env.SOURCES_SECRET = SOURCES_SECRET;
  return Object.fromEntries(loaded) as Record<SecretCount, Handler>;
}

interface Measured extends CostlyRequest {
  readonly status: unknown;
  /** CPU time, as it would be on the machine for which the limits are stated. */
  readonly ms: number;
}

type Meter = (attack: CostlyRequest, limitMs: number) => Promise<Measured>;

/** Calibrates again before it measures a request again. */
async function createMeter(handlers: Readonly<Record<SecretCount, Handler>>): Promise<Meter> {
  let factor = await slownessOf();
  return async (attack, limitMs) => {
    const event = eventOf(attack);
    let response: unknown;
    let ms = Number.POSITIVE_INFINITY;
    const run = async () => {
      response = await invoke('webhook', handlers[attack.secrets], event).catch((error: unknown) => error);
    };
    for (let attempt = 1; attempt <= ATTEMPTS && ms > limitMs; attempt += 1) {
      if (attempt > 1) factor = await slownessOf();
      ms = Math.min(ms, (await cpuMsOf(run)) / factor);
    }
    const { statusCode: status = response } = Object(response);
    return { ...attack, status, ms };
  };
}

function eventOf({ source, request }: CostlyRequest): unknown {
  const route = { routeKey: 'POST /webhooks/{source}', path: `/webhooks/${source}`, parameters: { source } };
  return httpEvent({ ...route, ...request });
}

async function cpuMsOf(run: () => Promise<void> | void): Promise<number> {
  const before = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** How many times slower this process runs than the machine for which the limits are stated. */
async function slownessOf(): Promise<number> {
  let ms = Number.POSITIVE_INFINITY;
  for (let times = 0; times < 3; times += 1) ms = Math.min(ms, await cpuMsOf(calibrate));
  return ms / CALIBRATION_MS;
}

const TEXT = JSON.stringify(Array.from({ length: 10_000 }, (_none, at) => ({ at, text: `"${at}"` })));

/** A fixed amount of the work that requests consist of: bytes, hashes and JSON. */
function calibrate(): void {
  const bytes = Buffer.from(TEXT.repeat(2));
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 1) sum = (sum + (bytes[at] ?? 0)) % 65_536;
  createHash('sha256').update(bytes).update(String(sum)).digest();
  for (let times = 0; times < 3; times += 1) JSON.parse(TEXT);
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
