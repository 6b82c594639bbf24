import process from 'node:process';
import { startOutside } from '../../bench/outside.ts';
import { parseEmailAddress } from '../../functions/core/model/email-address.ts';
import { createTokenSealer } from '../../functions/crypto/sealed-links.ts';
import type { Handler } from '../../local/lambda.ts';
import { invoke, loadHandler } from '../../local/lambda.ts';
import { closeServer } from '../../local/listen.ts';
import { sampleSourceSecrets } from '../../local/sample-secrets.ts';
import { publishCertificates } from '../harness/certificates.ts';
import { takeOutput } from '../harness/output.ts';
import type { Proven } from '../harness/proof.ts';
import { createTrial } from '../harness/proof.ts';
import { hostileCases } from './cases.ts';
import { startBucket, TOPIC } from './events.ts';

/** Of the processor, for one request: ten seconds are what a function has. */
const LIMIT_MS = 2_000;

const ORIGIN = 'https://relay.example.com';
const LINK_KEY = { kid: 'prove', key: Buffer.alloc(32, 7) };
const API_KEY = 'prove-links-key';
const SECRETS = {
  hubspot: { token: 'pat-prove' },
  receipts: { keys: [{ kid: 'prove', privateKey: Buffer.alloc(32, 8).toString('base64url') }], hashKeys: [] },
  sources: sampleSourceSecrets(),
  links: { keys: [{ kid: LINK_KEY.kid, key: LINK_KEY.key.toString('base64url') }], apiKeys: [API_KEY] },
};

export interface HostileSize {
  /** How many damaged bodies of each source are tried beside those that were thought of. */
  readonly runs: number;
  /** Of all cases each so manieth is tried. An odd number: every other one is unproven. */
  readonly every: number;
}

/**
 * Every route and every source is asked what nobody should ask; each answer must be one of ours, and soon; and every function that AWS invokes
 * with what strangers have made must take it. How much memory
 * that takes, the process decides it is run in.
 */
export async function proveHostileInput({ runs, every }: HostileSize): Promise<Proven> {
  const trial = createTrial('letIn', 'hostile input');
  const unhandled = (error: unknown) => trial.violated(`an error that nobody handled: ${error}`);
  process.on('unhandledRejection', unhandled);
  const stopTaking = takeOutput('stdout');
  const unpublish = publishCertificates();
  const reach = { origin: ORIGIN, token: await token(), apiKey: API_KEY, kid: LINK_KEY.kid, runs };
  const outside = await startOutside(SECRETS);
  const bucket = await startBucket(reach.token);
  setEnvironment(outside.url, bucket.url);
  const handlers = await loadHandlers();
  const slowest = { ms: 0, what: 'none' };
  let at = 0;
  for (const { name, what, event, isWell } of hostileCases(reach)) {
    at += 1;
    if (at % every > 0) continue;
    const given = event();
    const before = process.cpuUsage();
    const answer = await invoke(name, handlers[name], given).catch((error: unknown) => error);
    const { user, system } = process.cpuUsage(before);
    const ms = Math.round((user + system) / 1000);
    const { statusCode = answer } = Object(answer);
    trial.holds(isWell(answer) && ms < LIMIT_MS, () => `${name}, ${what}: ${statusCode} after ${ms} ms`);
    if (ms > slowest.ms) Object.assign(slowest, { ms, what });
  }
  trial.holds(!('polluted' in {}), () => 'every object has a property that a stranger named');
  await closeServer(outside.server);
  await bucket.close();
  unpublish();
  stopTaking();
  process.off('unhandledRejection', unhandled);
  const peakMb = Math.round(process.resourceUsage().maxRSS / 1024);
  return trial.proven({ 'slowest, ms of the processor': slowest.ms, of: slowest.what, 'peak MB': peakMb });
}

function token(): Promise<string> {
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
