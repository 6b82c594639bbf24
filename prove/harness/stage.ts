import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { SQSBatchResponse } from 'aws-lambda';
import { createQueue } from '../../functions/aws/sqs.ts';
import type { Command } from '../../functions/core/model/opt-out.ts';
import { pollQueue } from '../../local/event-source.ts';
import type { LoggedRequest } from '../../local/hubspot/request-log.ts';
import { invoke, loadHandler } from '../../local/lambda.ts';
import type { GivenSecrets } from '../../local/secrets.ts';
import type { Stack } from '../../local/stack.ts';
import { startStack } from '../../local/stack.ts';
import { takeOutput } from './output.ts';

/** The relay with everything it stands on, in which nothing is delivered until a proof says so. */
export interface Stage extends Stack {
  /** Everything durable stands in this folder, which goes when the stage does. */
  readonly dir: string;
  readonly queueUrl: string;
  post(sent: {
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string | Buffer;
  }): Promise<Response>;
  /** A control path of the simulator. */
  sim(path: string, method?: string, body?: unknown): Promise<unknown>;
  contact(email: string): Promise<{ readonly optOutWrites: number }>;
  /** The requests that HubSpot has got, without those of the control paths. */
  asked(): Promise<readonly LoggedRequest[]>;
  /** How many messages are on the queues, what is in flight included; by what stands behind the queue's name. */
  left(of?: readonly string[]): Promise<number>;
  enqueue(commands: readonly Command[]): Promise<void>;
  /** Loads `deliver` anew, so many times, in these settings; gives back what ends it after the batch at hand. */
  deliverWith(
    settings: Readonly<Record<string, string>> & { readonly DELIVER_CONCURRENCY: string },
  ): Promise<() => Promise<void>>;
}

export interface StageOptions {
  readonly secrets?: GivenSecrets;
  /** Is shown what the functions write. */
  readonly see?: (text: string) => void;
}

export async function createStage({ secrets = {}, see }: StageOptions = {}): Promise<Stage> {
  const giveBack = takeOutput('stdout', see);
  const dir = mkdtempSync(join(tmpdir(), 'optout-relay-'));
  const stack = await startStack({ dir, port: 0, hubspotPort: 0, secrets, settings: { DELIVER_CONCURRENCY: '0' } });
  const sim = simulatorAt(stack.hubspotUrl);
  await sim('limits', 'POST', { per10Seconds: 1_000_000 });
  const queueUrl = process.env.QUEUE_URL ?? '';
  const client = new SQSClient();
  let loaded = 0;
  return {
    ...stack,
    dir,
    queueUrl,
    post: ({ path, ...sent }) => fetch(stack.url + path, { method: 'POST', redirect: 'manual', ...sent }),
    sim,
    contact: async (email) => (await sim(`contacts/${encodeURIComponent(email)}`)) as never,
    asked: async () => (await sim('requests')) as never,
    enqueue: createQueue(client, queueUrl).send,
    left: (of = ['', '-dead-letters']) =>
      messagesOn(
        client,
        of.map((suffix) => queueUrl + suffix),
      ),
    deliverWith(settings) {
      Object.assign(process.env, settings);
      const first = loaded + 1;
      loaded += Number(settings.DELIVER_CONCURRENCY);
      return startDelivering(client, queueUrl, { first, last: loaded });
    },
    async stop() {
      await stack.stop();
      client.destroy();
      rmSync(dir, { recursive: true, force: true });
      giveBack();
    },
  };
}

function simulatorAt(url: string): Stage['sim'] {
  return async (path, method = 'GET', body) => {
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await fetch(`${url}/_sim/${path}`, { method, ...sent });
    if (!response.ok) throw new Error(`the simulator answered ${response.status}: ${await response.text()}`);
    return response.json();
  };
}

async function messagesOn(client: SQSClient, urls: readonly string[]): Promise<number> {
  const AttributeNames = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
  const counts = urls.map(async (QueueUrl) => {
    const asked = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...AttributeNames] });
    const { Attributes = {} } = await client.send(asked);
    return AttributeNames.reduce((sum, name) => sum + Number(Attributes[name]), 0);
  });
  return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
}

/** By numbers: what has been loaded under one keeps the environment of that time. */
async function startDelivering(
  client: SQSClient,
  queueUrl: string,
  { first, last }: { readonly first: number; readonly last: number },
): Promise<() => Promise<void>> {
  const stopping = new AbortController();
  const numbers = Array.from({ length: last - first + 1 }, (_none, index) => first + index);
  const handlers = await Promise.all(numbers.map((number) => loadHandler('deliver', number)));
  const running = handlers.map((handler) => {
    const run = (event: unknown) => invoke('deliver', handler, event) as Promise<SQSBatchResponse>;
    // It never hangs up: the queue would give whoever has the next message, which nobody sees for a while then.
    return pollQueue({ client, queueUrl, invoke: run }, stopping.signal, { waitSeconds: 1 });
  });
  return async () => {
    stopping.abort();
    await Promise.all(running);
  };
}
