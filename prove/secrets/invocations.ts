import process from 'node:process';
import { putEvent } from '../../local/aws/objects.ts';
import { invoke, loadHandler } from '../../local/lambda.ts';
import { commandFor } from '../harness/commands.ts';
import { httpEvent } from '../harness/http-event.ts';
import { BOUNCE } from './arrivals.ts';
import { MARKS, markedEmail } from './marks.ts';

const DAY_MS = 24 * 3_600_000;
const EMAIL = markedEmail('broken');
let instance = 1_000;

const FORM = {
  headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-relay-key': `${MARKS.secret}-generic` },
  body: Buffer.from(`email=${encodeURIComponent(EMAIL)}`),
};

/** By function, what it is invoked with, good and bad; each run of the sweep is a day after the one before. */
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

/** A new instance of each, which has read nothing yet, is invoked with what there is for it, whatever comes of it. */
export async function invokeEach(names: readonly FunctionName[] = FUNCTIONS): Promise<void> {
  instance += 1;
  for (const name of names) {
    const handler = await loadHandler(name, instance);
    for (const event of EVENTS[name]()) {
      await invoke(name, handler, event, () => 60_000).catch(() => undefined);
    }
  }
}

/** What names the services that the functions stand on. */
const SERVICES = [
  'QUEUE_URL',
  ...['DYNAMODB', 'SECRETS_MANAGER', 'S3', 'EVENTBRIDGE'].map((it) => `AWS_ENDPOINT_URL_${it}`),
];
/** Nobody listens there. */
const NOWHERE = 'http://127.0.0.1:9/000000000000/optout-relay';

/** Takes one service after the other away. */
export async function eachServiceGone(run: () => Promise<unknown>): Promise<void> {
  for (const variable of SERVICES) {
    const { [variable]: there = '' } = process.env;
    process.env[variable] = NOWHERE;
    await run();
    process.env[variable] = there;
  }
}
