import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { SQSBatchResponse } from 'aws-lambda';
import { createQueue } from '../../functions/aws/sqs.ts';
import type { Command } from '../../functions/core/model/opt-out.ts';
import { pollQueue } from '../../local/event-source.ts';
import { batchSizeOf } from '../../local/functions.ts';
import type { LoggedRequest } from '../../local/hubspot/request-log.ts';
import { invoke, loadHandler } from '../../local/lambda.ts';
import type { GivenSecrets } from '../../local/secrets.ts';
import type { Stack } from '../../local/stack.ts';
import { startStack } from '../../local/stack.ts';
import { sampleSourceSecrets } from '../../test/sample-secrets.ts';
import { captureOutput } from './capture-output.ts';

/** The local stack, which delivers nothing until a proof starts a delivery. */
export interface Stage extends Stack {
  /** The folder of all stored data. Deleted by `stop`. */
  readonly dir: string;
  readonly queueUrl: string;
  post(request: {
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string | Buffer;
  }): Promise<Response>;
  /** Calls a control path of the HubSpot simulator. */
  sim(path: string, method?: string, body?: unknown): Promise<unknown>;
  contact(email: string): Promise<{ readonly optOutWrites: number }>;
  /** Returns the requests that the simulator received, without those to control paths. */
  hubspotRequests(): Promise<readonly LoggedRequest[]>;
  /** Counts the messages on the queues with these name suffixes, including those in flight. */
  queuedMessages(suffixes?: readonly string[]): Promise<number>;
  enqueue(commands: readonly Command[]): Promise<void>;
  /** Loads `DELIVER_CONCURRENCY` new instances of `deliver`. Returns a function that stops them after their current batch. */
  startDelivery(
    settings: Readonly<Record<string, string>> & { readonly DELIVER_CONCURRENCY: string },
  ): Promise<() => Promise<void>>;
}

export interface StageOptions {
  readonly secrets?: GivenSecrets;
  /** Receives what the functions write to standard output. */
  readonly onOutput?: (text: string) => void;
}

export async function createStage({
  secrets = { sources: sampleSourceSecrets() },
  onOutput,
}: StageOptions = {}): Promise<Stage> {
  const restoreOutput = captureOutput('stdout', onOutput);
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
    post: ({ path, ...init }) => fetch(stack.url + path, { method: 'POST', redirect: 'manual', ...init }),
    sim,
    contact: async (email) => (await sim(`contacts/${encodeURIComponent(email)}`)) as never,
    hubspotRequests: async () => (await sim('requests')) as never,
    enqueue: createQueue(client, queueUrl).send,
    queuedMessages: (suffixes = ['', '-dead-letters']) =>
      countMessages(
        client,
        suffixes.map((suffix) => queueUrl + suffix),
      ),
    startDelivery(settings) {
      Object.assign(process.env, settings);
      const first = loaded + 1;
      loaded += Number(settings.DELIVER_CONCURRENCY);
      return pollWithInstances(client, queueUrl, { first, last: loaded });
    },
    async stop() {
      await stack.stop();
      client.destroy();
      rmSync(dir, { recursive: true, force: true });
      restoreOutput();
    },
  };
}

function simulatorAt(url: string): Stage['sim'] {
  return async (path, method = 'GET', body) => {
    const init = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await fetch(`${url}/_sim/${path}`, { method, ...init });
    if (!response.ok) throw new Error(`the simulator responded with ${response.status}: ${await response.text()}`);
    return response.json();
  };
}

async function countMessages(client: SQSClient, urls: readonly string[]): Promise<number> {
  const AttributeNames = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
  const counts = urls.map(async (QueueUrl) => {
    const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...AttributeNames] });
    const { Attributes = {} } = await client.send(command);
    return AttributeNames.reduce((sum, name) => sum + Number(Attributes[name]), 0);
  });
  return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
}

/** Loads an instance for each number. An instance keeps the environment in which it was first loaded. */
async function pollWithInstances(
  client: SQSClient,
  queueUrl: string,
  { first, last }: { readonly first: number; readonly last: number },
): Promise<() => Promise<void>> {
  const stopping = new AbortController();
  const numbers = Array.from({ length: last - first + 1 }, (_none, index) => first + index);
  const handlers = await Promise.all(numbers.map((number) => loadHandler('deliver', number)));
  const running = handlers.map((handler) => {
    const run = (event: unknown) => invoke('deliver', handler, event) as Promise<SQSBatchResponse>;
    // Short polls that are never aborted: an aborted receive could hide a message until its visibility timeout ends.
    return pollQueue({ client, queueUrl, batchSize: batchSizeOf(process.env), invoke: run }, stopping.signal, {
      waitSeconds: 1,
    });
  });
  return async () => {
    stopping.abort();
    await Promise.all(running);
  };
}
