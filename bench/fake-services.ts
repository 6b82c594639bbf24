import { createHash } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { listenOnLoopback } from '../local/listen.ts';

/** Starts a server that fakes AWS and HubSpot. It responds immediately and stores nothing. */
export async function startFakeServices(
  secrets: Readonly<Record<string, unknown>>,
): Promise<{ server: Server; url: string }> {
  const server = createServer((request, response) => {
    responseTo(request, secrets).then(
      (body) => response.end(JSON.stringify(body)),
      () => response.writeHead(500).end(),
    );
  });
  return { server, url: `http://127.0.0.1:${await listenOnLoopback(server, 0)}` };
}

type Input = Readonly<Record<string, unknown>>;

async function responseTo(request: IncomingMessage, secrets: Readonly<Record<string, unknown>>): Promise<unknown> {
  const [, operation = 'HubSpot'] = String(request.headers['x-amz-target'] ?? '').split('.');
  const body = await text(request);
  return operation === 'HubSpot' ? unsubscribed(request.url ?? '') : RESPONSES[operation]?.(JSON.parse(body), secrets);
}

const RESPONSES: Readonly<Record<string, (input: Input, secrets: Readonly<Record<string, unknown>>) => unknown>> = {
  GetSecretValue: ({ SecretId }, secrets) => ({ SecretString: JSON.stringify(secrets[SecretId as string]) }),
  SendMessageBatch: ({ Entries }) => ({ Successful: (Entries as readonly Entry[]).map(successful), Failed: [] }),
  UpdateItem: () => ({ Attributes: { attempts: { N: '1' }, claimedAt: { S: new Date().toISOString() } } }),
};

interface Entry {
  readonly Id: string;
  readonly MessageBody: string;
}

function successful({ Id, MessageBody }: Entry) {
  return { Id, MessageId: Id, MD5OfMessageBody: createHash('md5').update(MessageBody).digest('hex') };
}

function unsubscribed(path: string) {
  const subscriberIdString = decodeURIComponent(path.split('/')[4] ?? '');
  const row = { subscriberIdString, subscriptionId: 1, status: 'UNSUBSCRIBED', channel: 'EMAIL' };
  return { status: 'COMPLETE', results: [{ ...row, setStatusSuccessReason: 'UNSUBSCRIBE_FROM_ALL_OCCURRED' }] };
}
