import { createHmac } from 'node:crypto';
import { defaultPolicy } from '../functions/core/intake/policy.ts';
import { webhookRoutes } from '../functions/core/intake/webhook.ts';
import { sources } from '../functions/sources/index.ts';
import { sampleSourceSecrets } from '../test/sample-secrets.ts';
import { signedBySendgrid } from '../test/signed-samples.ts';

const SECONDS = 3;
const SECRETS = new Map(Object.entries(sampleSourceSecrets()));

interface Post {
  readonly source: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** Measures verification, reading and ingestion on one core with a no-op queue, in events per second. */
export async function measureThroughput(now: Date): Promise<Readonly<Record<string, number>>> {
  return {
    'SendGrid, 1,000 opt-outs per post': await eventsPerSecond(sendgridPost(now, ['unsubscribe']), 1000, now),
    'SendGrid, 1,000 mixed events per post': await eventsPerSecond(sendgridPost(now, MIXED), 1000, now),
    'Mailgun, one opt-out per post': await eventsPerSecond(mailgunPost(now), 1, now),
  };
}

/** Roughly the events of a newsletter. */
const MIXED = [
  ...Array(49).fill('delivered'),
  ...Array(40).fill('open'),
  ...Array(9).fill('click'),
  'bounce',
  'unsubscribe',
];

async function eventsPerSecond({ source, headers, body }: Post, events: number, now: Date): Promise<number> {
  const secrets = { get: async () => SECRETS, refresh: async () => SECRETS };
  const routes = webhookRoutes(sources, {
    secrets,
    certificates: { get: () => Promise.reject(new Error('unexpected certificate request')) },
    confirmSubscription: () => Promise.reject(new Error('unexpected subscription')),
    policyOf: () => defaultPolicy,
    enqueue: async () => {},
    report: () => {},
  });
  const url = new URL(`https://relay.example.com/webhooks/${source}`);
  const post = () =>
    routes['POST /webhooks/{source}']?.({ method: 'POST', url, headers, body, receivedAt: now }, { source });
  for (let warm = 0; warm < 20; warm += 1) await post();
  const startedAt = performance.now();
  let posts = 0;
  for (; performance.now() - startedAt < SECONDS * 1000; posts += 1) await post();
  return Math.round((posts * events * 1000) / (performance.now() - startedAt));
}

function sendgridPost(now: Date, types: readonly string[]): Post {
  const timestamp = Math.floor(now.getTime() / 1000);
  const events = Array.from({ length: 1000 }, (_none, index) => ({
    email: `reader-${index}@example.com`,
    timestamp,
    'smtp-id': '<14c5d75ce93.dfd.64b469@ismtpd-555>',
    event: types[index % types.length],
    category: ['newsletter'],
    sg_event_id: `event-${index}-9007199254740993`,
    sg_message_id: `14c5d75ce93.dfd.64b469.filter0001.16648.5515E0B88.${index}`,
  }));
  const { headers, body } = signedBySendgrid(events, now);
  return { source: 'sendgrid', headers, body: Buffer.from(body) };
}

function mailgunPost(now: Date): Post {
  const timestamp = `${Math.floor(now.getTime() / 1000)}`;
  const token = 'a'.repeat(50);
  const [key = ''] = SECRETS.get('mailgun') ?? [];
  const signature = createHmac('sha256', key)
    .update(timestamp + token)
    .digest('hex');
  const event = { event: 'unsubscribed', id: 'abc', timestamp: Number(timestamp), recipient: 'ada@example.com' };
  const body = JSON.stringify({ signature: { timestamp, token, signature }, 'event-data': event });
  return { source: 'mailgun', headers: { 'content-type': 'application/json' }, body: Buffer.from(body) };
}
