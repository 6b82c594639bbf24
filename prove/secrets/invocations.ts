import process from 'node:process';
import { putEvent } from '../../local/aws/objects.ts';
import { invoke, loadHandler } from '../../local/lambda.ts';
import { commandFor } from '../harness/commands.ts';
import { httpEvent } from '../harness/http-event.ts';
import { BOUNCE } from './aws-events.ts';
import { MARKS, markedEmail } from './marks.ts';

const DAY_MS = 24 * 3_600_000;
const EMAIL = markedEmail('broken');
let instance = 1_000;

const FORM = {
  headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-relay-key': `${MARKS.secret}-generic` },
  body: Buffer.from(`email=${encodeURIComponent(EMAIL)}`),
};

/** Valid and invalid events of each function. Each sweep is a day later than the previous one. */
const EVENTS = {
  webhook: () => {
    const parameters = { source: 'generic' };
    return [httpEvent({ routeKey: 'POST /webhooks/{source}', path: '/webhooks/generic', parameters, ...FORM })];
  },
  unsubscribe: () => [
    httpEvent({ routeKey: 'POST /unsubscribe', path: '/unsubscribe', ...FORM }),
    httpEvent({ routeKey: 'GET /u/{token}', path: '/u/x', parameters: { token: 'eyJraWQiOiJ4In0....' } }),
  ],
  mailbox: () => [putEvent(BOUNCE, new Date())],
  events: () => [
    { source: 'shop', 'detail-type': 'Opt-Out Requested', detail: { version: 1, email: EMAIL } },
    { Records: [{ EventSource: 'aws:sns', Sns: { TopicArn: process.env.SES_TOPIC_ARN, Message: EMAIL } }] },
  ],
  deliver: () => {
    const bodies = [
      JSON.stringify(commandFor(`${MARKS.address}-${instance}`)),
      EMAIL,
      JSON.stringify({ email: EMAIL }),
    ];
    return bodies.map((body) => ({ Records: [{ messageId: 'm', receiptHandle: 'r', body }] }));
  },
  sweep: () => [{ time: new Date(Date.now() + instance * DAY_MS).toISOString() }],
} as const satisfies Readonly<Record<string, () => readonly unknown[]>>;

export type FunctionName = keyof typeof EVENTS;
export const FUNCTIONS = Object.keys(EVENTS) as readonly FunctionName[];

/** Invokes a new instance of each function with its events, and ignores the results. A new instance has no cached secrets. */
export async function invokeEach(names: readonly FunctionName[] = FUNCTIONS): Promise<void> {
  instance += 1;
  for (const name of names) {
    const handler = await loadHandler(name, instance);
    for (const event of EVENTS[name]()) {
      await invoke(name, handler, event, () => 60_000).catch(() => undefined);
    }
  }
}

/** The environment variables that name the services. */
const SERVICE_VARIABLES = [
  'QUEUE_URL',
  ...['DYNAMODB', 'SECRETS_MANAGER', 'S3', 'EVENTBRIDGE'].map((service) => `AWS_ENDPOINT_URL_${service}`),
];
/** A port without a listener. */
const UNREACHABLE = 'http://127.0.0.1:9/000000000000/optout-relay';

/** Calls `run` once for each service, with that service unreachable. */
export async function withEachServiceDown(run: () => Promise<unknown>): Promise<void> {
  for (const variable of SERVICE_VARIABLES) {
    const { [variable]: original = '' } = process.env;
    process.env[variable] = UNREACHABLE;
    await run();
    process.env[variable] = original;
  }
}
