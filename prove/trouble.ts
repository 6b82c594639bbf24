import process from 'node:process';
import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { invoke, loadHandler } from '../local/lambda.ts';
import { commandFor } from './commands.ts';
import { httpEvent } from './http-event.ts';
import { MARKS, markedEmail } from './marks.ts';
import type { Stage } from './stage.ts';
import { until } from './until.ts';

/** What HubSpot may say instead of what it should: it quotes whom and what it was asked. */
const QUOTED = markedEmail('quoted');
const SAID = { status: 'error', message: `${QUOTED} ${MARKS.secret}`, category: QUOTED };
const FAULTS: readonly object[] = [
  ...[400, 401, 403, 404, 409, 414, 423, 429, 477, 500, 502, 503, 504].map((status) => ({ status, body: SAID })),
  { status: 429, body: { ...SAID, policyName: QUOTED }, headers: { 'Retry-After': QUOTED } },
  { status: 302, headers: { Location: `https://${MARKS.address}.example.com` }, body: '' },
  { status: 200, body: '' },
  { status: 200, body: `<html>${MARKS.address}` },
  { status: 200, body: { status: QUOTED, results: [{ status: QUOTED }], numErrors: 1, errors: [SAID] } },
  { status: 200, body: { status: 'COMPLETE', results: QUOTED }, headers: { 'X-HubSpot-Correlation-Id': 'c-1' } },
  { drop: 'before' },
  { drop: 'after' },
];
const SILENCE: readonly object[] = [{ delayMs: 6_000, status: 200, body: '' }];

/** Lets each fault meet an opt-out. */
export async function tellHubSpot(stage: Stage, silent: boolean): Promise<void> {
  for (const [number, fault] of [...FAULTS, ...(silent ? SILENCE : [])].entries()) {
    await stage.sim('faults', 'POST', [{ match: 'unsubscribe-all', ...fault }]);
    await stage.enqueue([commandFor(`${MARKS.address}-fault-${number}`)]);
    await until(
      () => stage.sim('faults') as Promise<readonly object[]>,
      (left) => left.length === 0,
      { limitMs: 120_000 },
    );
  }
}

const FUNCTIONS = ['webhook', 'unsubscribe', 'deliver'] as const;
const BROKEN = [
  `{"token":"${MARKS.secret}`,
  `"${MARKS.secret}`,
  `{"oauth":{"clientId":"${MARKS.secret} "}}`,
  `[${MARKS.secret}]`,
];
/** What names the services that the functions stand on. */
const SERVICES = ['QUEUE_URL', 'AWS_ENDPOINT_URL_DYNAMODB', 'AWS_ENDPOINT_URL_SECRETS_MANAGER'];
/** Nobody listens there. */
const NOWHERE = 'http://127.0.0.1:9/000000000000/optout-relay';

/** What can be wrong around the functions: their secrets, the services they stand on, what is on the queue. */
export async function breakThings(stage: Stage): Promise<void> {
  let instance = 1_000;
  const runAll = async () => {
    instance += 1;
    for (const name of FUNCTIONS) {
      const handler = await loadHandler(name, instance);
      for (const event of eventsFor(name)) await invoke(name, handler, event).catch(() => undefined);
    }
  };
  for (const variable of SERVICES) {
    const { [variable]: there = '' } = process.env;
    process.env[variable] = NOWHERE;
    await runAll();
    process.env[variable] = there;
  }
  const client = new SecretsManagerClient();
  for (const SecretString of BROKEN) {
    for (const secret of ['HUBSPOT', 'SOURCES', 'LINKS', 'RECEIPTS']) {
      const SecretId = process.env[`${secret}_SECRET`];
      await client.send(new PutSecretValueCommand({ SecretId, SecretString }));
    }
    await runAll();
  }
  client.destroy();
  await stage.sim('reset', 'POST');
}

function eventsFor(name: (typeof FUNCTIONS)[number]): readonly unknown[] {
  if (name === 'deliver') {
    const bodies = [
      JSON.stringify(commandFor(`${MARKS.address}-broken`)),
      markedEmail('junk'),
      `{"email":"${markedEmail('junk')}"}`,
    ];
    return bodies.map((body) => ({ Records: [{ messageId: 'm', receiptHandle: 'r', body }] }));
  }
  const body = Buffer.from(`email=${encodeURIComponent(markedEmail('broken'))}`);
  const headers = { 'content-type': 'application/x-www-form-urlencoded', 'x-relay-key': `${MARKS.secret}-generic` };
  if (name === 'webhook') {
    const parameters = { source: 'generic' };
    return [httpEvent({ routeKey: 'POST /webhooks/{source}', path: '/webhooks/generic', parameters, headers, body })];
  }
  return [
    httpEvent({ routeKey: 'POST /unsubscribe', path: '/unsubscribe', headers, body }),
    httpEvent({ routeKey: 'GET /u/{token}', path: '/u/x', parameters: { token: 'eyJraWQiOiJ4In0....' } }),
  ];
}
