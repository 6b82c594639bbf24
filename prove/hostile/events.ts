import { createServer } from 'node:http';
import { closeServer, listenOnLoopback } from '../../local/listen.ts';
import { HOSTILE_BODIES, HOSTILE_TEXTS } from './bodies.ts';
import type { HostileCase, HostileOptions } from './case.ts';
import { hostileMails } from './mails.ts';

/** Hostile emails in the bucket, events, and messages on the queue. */
export function* eventCases({ token }: HostileOptions): Iterable<HostileCase> {
  for (const what of Object.keys(hostileMails(token))) {
    yield { name: 'mailbox', what: `an email:  ${what}`, event: () => storedMail(what), isExpected: isHandled };
  }
  for (const [what, body] of Object.entries(HOSTILE_BODIES)) {
    const text = () => body().toString();
    yield { name: 'deliver', what: `a message: ${what}`, event: () => queued(text()), isExpected: isReturnedToQueue };
    for (const eventWith of EVENTS)
      yield { name: 'events', what: `an event: ${what}`, event: () => eventWith(text()), isExpected: isHandled };
  }
  for (const text of HOSTILE_TEXTS) {
    for (const eventWith of EVENTS)
      yield { name: 'events', what: 'an event: a hostile text', event: () => eventWith(text), isExpected: isHandled };
  }
}

/** Starts a bucket whose keys are the names of the hostile emails. */
export async function startBucket(token: string) {
  const mails = hostileMails(token);
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://127.0.0.1');
    response.end(mails[decodeURIComponent(pathname.split('/').at(-1) ?? '')]?.() ?? '');
  });
  return { url: `http://127.0.0.1:${await listenOnLoopback(server, 0)}`, close: () => closeServer(server) };
}

/** An error would make AWS retry an event that can never succeed. */
const isHandled = (response: unknown): boolean => !(response instanceof Error);
/** The message stays on the queue, and ends in the dead-letter queue for an operator. */
const isReturnedToQueue = (response: unknown): boolean =>
  JSON.stringify(response) === '{"batchItemFailures":[{"itemIdentifier":"m"}]}';

const storedMail = (name: string) => ({
  Records: [
    {
      eventSource: 'aws:s3',
      eventTime: new Date().toISOString(),
      s3: { bucket: { name: 'mail' }, object: { key: encodeURIComponent(name) } },
    },
  ],
});

const queued = (body: string) => ({ Records: [{ messageId: 'm', receiptHandle: 'r', body }] });

/** The places of an event that may contain a hostile value. */
const EVENTS: readonly ((text: string) => unknown)[] = [
  parsed,
  (text) => ({ source: 'aws.ses', 'detail-type': 'Email Bounced', detail: parsed(text) }),
  (text) => ({ source: 'relay', 'detail-type': 'Opt-Out Requested', detail: parsed(text), time: text, id: 'e1' }),
  (text) => ({ 'detail-type': 'Opt-Out Requested', detail: { email: parsed(text), reason: text, id: text }, id: text }),
  (text) => ({ source: 'aws.partner/salesforce.com/1/2', 'detail-type': text, detail: { payload: parsed(text) } }),
  (text) => ({
    Type: 'Notification',
    TopicArn: TOPIC,
    Message: text,
  }),
];

export const TOPIC = 'arn:aws:sns:us-east-1:000000000000:optout-relay';

/** Parses a text as JSON, or returns it unchanged. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
