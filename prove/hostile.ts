import process from 'node:process';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { startOutside } from '../bench/outside.ts';
import { openSealing } from '../functions/adapters/jose.ts';
import { parseEmailAddress } from '../functions/core/email-address.ts';
import { invoke, loadHandler } from '../local/lambda.ts';
import { closeServer } from '../local/listen.ts';
import { sampleSourceSecrets } from '../local/sample-secrets.ts';
import { hostileCases } from './hostile-cases.ts';
import { httpEvent } from './http-event.ts';
import { takeOutput } from './output.ts';
import type { Proven } from './proof.ts';
import { openTrial } from './proof.ts';
import { publishCertificates } from './published.ts';

/** All that a stranger may be answered; 503 would be a failure of ours. */
const STATUSES: readonly unknown[] = [200, 202, 204, 303, 400, 401, 404, 413, 415, 429];
/** Of the processor, for one request: ten seconds are what a function has. */
const LIMIT_MS = 2_000;

const ORIGIN = 'https://relay.example.com';
const LINK_KEY = { kid: 'prove', key: Buffer.alloc(32, 7) };
const API_KEY = 'prove-links-key';
const SECRETS = {
  hubspot: { token: 'pat-prove' },
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
 * Every route and every source is asked what nobody should ask; each answer must be one of ours, and soon. How much memory
 * that takes, the process decides it is run in.
 */
export async function proveHostileInput({ runs, every }: HostileSize): Promise<Proven> {
  const trial = openTrial('letIn', 'hostile input');
  const unhandled = (error: unknown) => trial.violated(`an error that nobody handled: ${error}`);
  process.on('unhandledRejection', unhandled);
  const stopTaking = takeOutput('stdout');
  const unpublish = publishCertificates();
  const outside = await startOutside(SECRETS);
  setEnvironment(outside.url);
  const handlers = { webhook: await loadHandler('webhook'), unsubscribe: await loadHandler('unsubscribe') };
  const reach = { origin: ORIGIN, token: await token(), apiKey: API_KEY, kid: LINK_KEY.kid, runs };
  const slowest = { ms: 0, what: 'none' };
  let at = 0;
  for (const { name, what, ask } of hostileCases(reach)) {
    at += 1;
    if (at % every > 0) continue;
    const event = httpEvent(ask());
    const before = process.cpuUsage();
    const answer = await invoke(name, handlers[name], event).catch(() => undefined);
    const { user, system } = process.cpuUsage(before);
    const ms = Math.round((user + system) / 1000);
    const status = (answer as APIGatewayProxyStructuredResultV2 | undefined)?.statusCode;
    trial.holds(STATUSES.includes(status) && ms < LIMIT_MS, () => `${what}: ${status ?? 'an error'} after ${ms} ms`);
    if (ms > slowest.ms) Object.assign(slowest, { ms, what });
  }
  trial.holds(!('polluted' in {}), () => 'every object has a property that a stranger named');
  await closeServer(outside.server);
  unpublish();
  stopTaking();
  process.off('unhandledRejection', unhandled);
  const peakMb = Math.round(process.resourceUsage().maxRSS / 1024);
  return trial.proven({ 'slowest, ms of the processor': slowest.ms, of: slowest.what, 'peak MB': peakMb });
}

function token(): Promise<string> {
  const keys = async () => [LINK_KEY];
  return openSealing({ get: keys, refresh: keys }).sealLink({ email: parseEmailAddress('ada@example.com') });
}

function setEnvironment(url: string): void {
  Object.assign(process.env, {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'prove',
    AWS_SECRET_ACCESS_KEY: 'prove',
    AWS_ENDPOINT_URL: url,
    PUBLIC_URL: ORIGIN,
    QUEUE_URL: `${url}/000000000000/optout-relay`,
    LEDGER_TABLE: 'optout-relay',
    SOURCES_SECRET: 'sources',
    LINKS_SECRET: 'links',
  });
}
