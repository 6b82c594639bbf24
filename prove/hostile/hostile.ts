import process from 'node:process';
import { startFakeServices } from '../../bench/fake-services.ts';
import { parseEmailAddress } from '../../functions/core/model/email-address.ts';
import { createTokenSealer } from '../../functions/crypto/sealed-links.ts';
import type { Handler } from '../../local/lambda.ts';
import { invoke, loadHandler } from '../../local/lambda.ts';
import { closeServer } from '../../local/listen.ts';
import { sampleSourceSecrets } from '../../test/sample-secrets.ts';
import { captureOutput } from '../harness/capture-output.ts';
import { stubCertificates } from '../harness/certificates.ts';
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

export interface HostileSize {
  /** The number of randomly damaged bodies for each source, in addition to the predefined ones. */
  readonly runs: number;
  /** Tries every nth case. Must be odd, since every second case is unsigned. */
  readonly every: number;
  readonly costs: CostSize;
  /** Peak memory of the process. @default not checked, for a process that runs other tests too */
  readonly limitMb?: number;
}

/**
 * Sends hostile input to every route, every source and every function that AWS invokes. Each response must have a documented
 * status and take at most two seconds of CPU time, and far less if a caller without the secret of a source can send it. The
 * process may use as much memory as `limitMb`.
 */
export async function proveHostileInput({ runs, every, costs, limitMb }: HostileSize): Promise<ProofResult> {
  const proof = createProof('unauthenticated', 'hostile input');
  const onUnhandled = (error: unknown) => proof.violation(`unhandled rejection: ${error}`);
  process.on('unhandledRejection', onUnhandled);
  const restoreOutput = captureOutput('stdout');
  const restoreFetch = stubCertificates();
  const options = { origin: ORIGIN, token: await validToken(), apiKey: API_KEY, kid: LINK_KEY.kid, runs };
  const services = await startFakeServices(SECRETS);
  const bucket = await startBucket(options.token);
  setEnvironment(services.url, bucket.url);
  const handlers = await loadHandlers();
  const table = await measureCosts(proof, costs);
  const slowest = { ms: 0, what: 'none' };
  let count = 0;
  for (const { name, what, event, isExpected } of hostileCases(options)) {
    count += 1;
    if (count % every > 0) continue;
    const input = event();
    const before = process.cpuUsage();
    const response = await invoke(name, handlers[name], input).catch((error: unknown) => error);
    const { user, system } = process.cpuUsage(before);
    const ms = Math.round((user + system) / 1000);
    const { statusCode = response } = Object(response);
    proof.check(isExpected(response) && ms < LIMIT_MS, () => `${name}, ${what}: ${statusCode} after ${ms} ms`);
    if (ms > slowest.ms) Object.assign(slowest, { ms, what });
  }
  proof.check(!('polluted' in {}), () => 'Object.prototype is polluted');
  await closeServer(services.server);
  await bucket.close();
  restoreFetch();
  restoreOutput();
  process.off('unhandledRejection', onUnhandled);
  const peakMb = Math.round(process.resourceUsage().maxRSS / 1024);
  if (limitMb !== undefined) proof.check(peakMb <= limitMb, () => `the process took ${peakMb} MB of memory`);
  const figures = { 'slowest, ms of CPU time': slowest.ms, 'slowest case': slowest.what, 'peak MB': peakMb };
  return proof.result(figures, table);
}

function validToken(): Promise<string> {
  const keys = async () => [LINK_KEY];
  return createTokenSealer({ get: keys, refresh: keys }).sealLink({ email: parseEmailAddress('ada@example.com') });
}

async function loadHandlers() {
  const names = ['webhook', 'unsubscribe', 'mailbox', 'events', 'deliver'] as const;
  const loaded = await Promise.all(names.map(async (name) => [name, await loadHandler(name)] as const));
  return Object.fromEntries(loaded) as Record<(typeof names)[number], Handler>;
}

function setEnvironment(url: string, bucketUrl: string): void {
  Object.assign(process.env, {
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
  });
}
