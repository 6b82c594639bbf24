import { createServer } from 'node:http';
import { closeServer, listenOnLoopback } from '../../local/listen.ts';
import { HOSTILE_BODIES, HOSTILE_TEXTS } from './bodies.ts';
import type { HostileCase, Reach } from './cases.ts';
import { hostileMails } from './mails.ts';

/** What comes by AWS, from strangers in the end: mails in a bucket, events, and whatever else might stand on the queue. */
export function* eventCases({ token }: Reach): Iterable<HostileCase> {
  for (const what of Object.keys(hostileMails(token))) {
    yield { name: 'mailbox', what: `a mail: ${what}`, event: () => storedMail(what), isWell: isTaken };
  }
  for (const [what, body] of Object.entries(HOSTILE_BODIES)) {
    const text = () => body().toString();
    yield { name: 'deliver', what: `a message: ${what}`, event: () => queued(text()), isWell: isGivenBack };
    for (const around of EVENTS)
      yield { name: 'events', what: `an event: ${what}`, event: () => around(text()), isWell: isTaken };
  }
  for (const text of HOSTILE_TEXTS) {
    for (const around of EVENTS)
      yield { name: 'events', what: 'an event: a hostile text', event: () => around(text), isWell: isTaken };
  }
}

/** A bucket in which every key is the name of a hostile mail. */
export async function startBucket(token: string) {
  const mails = hostileMails(token);
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://127.0.0.1');
    response.end(mails[decodeURIComponent(pathname.split('/').at(-1) ?? '')]?.() ?? '');
  });
  return { url: `http://127.0.0.1:${await listenOnLoopback(server, 0)}`, close: () => closeServer(server) };
}

/** An error would have AWS try again what can never be taken. */
const isTaken = (answer: unknown): boolean => !(answer instanceof Error);
/** It is kept for a person to look at. */
const isGivenBack = (answer: unknown): boolean =>
  JSON.stringify(answer) === '{"batchItemFailures":[{"itemIdentifier":"m"}]}';

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

/** Where in an event a hostile value may stand. */
const EVENTS: readonly ((text: string) => unknown)[] = [
  read,
  (text) => ({ source: 'aws.ses', 'detail-type': 'Email Bounced', detail: read(text) }),
  (text) => ({ source: 'relay', 'detail-type': 'Opt-Out Requested', detail: read(text), time: text, id: 'e1' }),
  (text) => ({ 'detail-type': 'Opt-Out Requested', detail: { email: read(text), reason: text, id: text }, id: text }),
  (text) => ({ source: 'aws.partner/salesforce.com/1/2', 'detail-type': text, detail: { payload: read(text) } }),
  (text) => ({
    Type: 'Notification',
    TopicArn: TOPIC,
    Message: text,
  }),
];

export const TOPIC = 'arn:aws:sns:us-east-1:000000000000:optout-relay';

/** As JSON, where it is some. */
function read(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
