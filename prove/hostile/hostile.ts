import { startFakeServices } from '../../bench/fake-services.ts';
import { parseEmailAddress } from '../../functions/core/model/email-address.ts';
import { createTokenSealer } from '../../functions/crypto/sealed-links.ts';
import { closeServer } from '../../local/listen.ts';
import { sampleSourceSecrets } from '../../test/sample-secrets.ts';
import type { FunctionProcess } from '../harness/function-process.ts';
import { startFunction } from '../harness/function-process.ts';
import type { ProofResult } from '../harness/proof.ts';
import { createProof } from '../harness/proof.ts';
import { hostileCases } from './cases.ts';
import { measureCosts, secretsOfSources } from './cost.ts';
import type { CostSize } from './cost-requests.ts';
import { startBucket, TOPIC } from './events.ts';

/** The limit of CPU time per event, for any function. `measureCosts` is stricter with webhooks. A function times out after ten seconds. */
const LIMIT_MS = 2_000;

const ORIGIN = 'https://relay.example.com';
const LINK_KEY = { kid: 'prove', key: Buffer.alloc(32, 7) };
const API_KEY = 'prove-links-key';
const SECRETS = {
  hubspot: { token: 'pat-prove' },
  receipts: { keys: [{ kid: 'prove', privateKey: Buffer.alloc(32, 8).toString('base64url') }], hashKeys: [] },
  sources: sampleSourceSecrets(),
  ...secretsOfSources(),
  links: { keys: [{ kid: LINK_KEY.kid, key: LINK_KEY.key.toString('base64url') }], apiKeys: [API_KEY] },
};

/** The memory of the functions in serverless.yml. */
const MEMORY_MB = 512;

export interface HostileSize {
  /** The number of randomly damaged bodies for each source, in addition to the predefined ones. */
  readonly runs: number;
  /** Tries every nth case. Must be odd, since every second case is unsigned. */
  readonly every: number;
  readonly costs: CostSize;
}

/**
 * Sends hostile input to every route, every source and every function that AWS invokes. Each function has a process of its own,
 * with the memory that it has on Lambda. Each response must have a documented status and take at most two seconds of CPU time, and
 * far less if a caller without the secret of a source can send it.
 */
export async function proveHostileInput({ runs, every, costs }: HostileSize): Promise<ProofResult> {
  const proof = createProof('unauthenticated', 'hostile input');
  const options = { origin: ORIGIN, token: await validToken(), apiKey: API_KEY, kid: LINK_KEY.kid, runs };
  const services = await startFakeServices(SECRETS);
  const bucket = await startBucket(options.token);
  const peaks = new Map<string, number>();
  const start = startMeasured(environment(services.url, bucket.url), peaks);
  const functions = await startAll(start);
  const table = await measureCosts(proof, costs, (secret) => start('webhook', { SOURCES_SECRET: secret }));
  const slowest = { ms: 0, what: 'none' };
  let count = 0;
  let isPolluted = false;
  for (const { name, what, event, isExpected } of hostileCases(options)) {
    count += 1;
    if (count % every > 0) continue;
    const invoked = await functions[name].invoke(event());
    const ms = Math.round(invoked.cpuMs);
    const { statusCode = invoked.response } = Object(invoked.response);
    proof.check(isExpected(invoked.response) && ms < LIMIT_MS, () => `${name}, ${what}: ${statusCode} after ${ms} ms`);
    if (ms > slowest.ms) Object.assign(slowest, { ms, what });
    isPolluted ||= invoked.isPolluted;
  }
  for (const each of Object.values(functions)) await each.close();
  await closeServer(services.server);
  await bucket.close();
  proof.check(!isPolluted, () => 'Object.prototype is polluted');
  for (const [name, mb] of peaks) proof.check(mb <= MEMORY_MB, () => `${name} took ${mb} MB of ${MEMORY_MB}`);
  const memory = [...peaks].map(([name, mb]) => [`${name}, peak MB`, mb] as const);
  const figures = {
    'slowest, ms of CPU time': slowest.ms,
    'slowest case': slowest.what,
    ...Object.fromEntries(memory),
  };
  return proof.result(figures, table);
}

type Start = (name: string, env?: Readonly<Record<string, string>>) => Promise<FunctionProcess>;

/** Starts functions, and records the peak memory of each. */
function startMeasured(env: Readonly<Record<string, string>>, peaks: Map<string, number>): Start {
  return async (name, own = {}) => {
    const started = await startFunction(name, { env: { ...env, ...own }, memoryMb: MEMORY_MB });
    return {
      ...started,
      async invoke(event) {
        const invoked = await started.invoke(event);
        peaks.set(name, Math.max(peaks.get(name) ?? 0, invoked.peakMb));
        return invoked;
      },
    };
  };
}

function validToken(): Promise<string> {
  const keys = async () => [LINK_KEY];
  return createTokenSealer({ get: keys, refresh: keys }).sealLink({ email: parseEmailAddress('ada@example.com') });
}

const NAMES = ['webhook', 'unsubscribe', 'mailbox', 'events', 'deliver'] as const;

async function startAll(start: Start): Promise<Readonly<Record<(typeof NAMES)[number], FunctionProcess>>> {
  const started = await Promise.all(NAMES.map(async (name) => [name, await start(name)] as const));
  return Object.fromEntries(started) as Record<(typeof NAMES)[number], FunctionProcess>;
}

function environment(url: string, bucketUrl: string): Readonly<Record<string, string>> {
  return {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'prove',
    AWS_SECRET_ACCESS_KEY: 'prove',
    AWS_ENDPOINT_URL: url,
    AWS_ENDPOINT_URL_S3: bucketUrl,
    PUBLIC_URL: ORIGIN,
    QUEUE_URL: `${url}/000000000000/optout-relay`,
    LEDGER_TABLE: 'optout-relay',
    SOURCES_SECRET: 'sources',
    LINKS_SECRET: 'links',
    HUBSPOT_SECRET: 'hubspot',
    RECEIPTS_SECRET: 'receipts',
    HUBSPOT_BASE_URL: url,
    SES_TOPIC_ARN: TOPIC,
  };
}
