import process from 'node:process';
import { ConditionalCheckFailedException, DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { Message } from '@aws-sdk/client-sqs';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { APIGatewayProxyStructuredResultV2, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { openTable } from '../functions/adapters/dynamodb-table.ts';
import { eventOf, handle, receive } from '../local/event-source.ts';
import { invoke, loadHandler } from '../local/lambda.ts';
import { sampleLink } from '../local/samples.ts';
import { commandFor } from './commands.ts';
import { httpEvent } from './http-event.ts';
import { sampleKeyOf, signedBy } from './senders.ts';
import type { Stage } from './stage.ts';

/** A way of a signal through one function. */
export interface CrashWay {
  readonly name: string;
  readonly function: 'webhook' | 'unsubscribe' | 'deliver';
  /** `turn`: a number that was not there before. */
  begin(turn: number): Promise<CrashTurn>;
}

export interface CrashTurn {
  readonly event: unknown;
  /** Lets others finish what is left; `answer` where the function came so far. Gives what is not as it should be. */
  after(answer: unknown): Promise<string | undefined>;
}

export interface CrashWays {
  readonly ways: readonly CrashWay[];
  /** Delivers what came in late: whoever sent it was dead by then. */
  finish(): Promise<void>;
}

/** Every function between a signal's arrival and its confirmation. */
export async function openCrashWays(stage: Stage): Promise<CrashWays> {
  Object.assign(process.env, { DELIVER_CONCURRENCY: '1', HUBSPOT_RATE_PER_10_S: '999999' });
  const others = await openOthers(stage);
  const leases = openLeases();
  const writesOf = async (email: string) => (await stage.contact(email)).optOutWrites;
  const ways: readonly CrashWay[] = [
    {
      name: 'a webhook',
      function: 'webhook',
      async begin(turn) {
        const email = `webhook-${turn}@example.com`;
        const event = webhookEvent(stage.url, email);
        const after = async (answer: unknown) => {
          // A sender that had no answer sends again, to whoever is there then.
          const { statusCode } = (answer ?? (await others.webhook(event))) as APIGatewayProxyStructuredResultV2;
          await others.deliverAll();
          return found({ answered: statusCode, writes: await writesOf(email) }, { answered: 200, writes: 1 });
        };
        return { event, after };
      },
    },
    {
      name: 'a one-click',
      function: 'unsubscribe',
      async begin(turn) {
        const email = `one-click-${turn}@example.com`;
        const after = async (answer: unknown) => {
          await others.deliverAll();
          const writes = await writesOf(email);
          // Nobody presses twice: what was not answered may be lost, and may have come in all the same.
          if (answer === undefined) return writes > 1 ? `${writes} effects` : undefined;
          const { statusCode } = answer as APIGatewayProxyStructuredResultV2;
          return found({ answered: statusCode, writes }, { answered: 200, writes: 1 });
        };
        return { event: oneClickEvent(await sampleLink(email)), after };
      },
    },
    {
      name: 'a delivery',
      function: 'deliver',
      async begin(turn) {
        const command = commandFor(`delivery-${turn}`);
        await stage.enqueue([command]);
        const messages = await others.take(1);
        const after = async () => {
          await leases.end(command.id);
          // The queue shows them again; here somebody else gets them at once.
          await others.deliver(messages);
          const state = await leases.stateOf(command.id);
          return found({ state, writes: await writesOf(command.email) }, { state: 'confirmed', writes: 1 });
        };
        return { event: eventOf(messages), after };
      },
    },
  ];
  return { ways, finish: others.deliverAll };
}

function found(is: object, shouldBe: object): string | undefined {
  return JSON.stringify(is) === JSON.stringify(shouldBe) ? undefined : JSON.stringify(is);
}

function webhookEvent(origin: string, email: string) {
  const at = new Date();
  const event = { email, event: 'unsubscribe', timestamp: Math.floor(at.getTime() / 1000), sg_event_id: email };
  const body = Buffer.from(JSON.stringify([event]));
  const posted = signedBy('sendgrid', body, { key: sampleKeyOf('sendgrid'), at, origin });
  return httpEvent({ ...posted, routeKey: 'POST /webhooks/{source}', parameters: { source: 'sendgrid' } });
}

function oneClickEvent(path: string) {
  const token = path.slice('/u/'.length);
  const body = Buffer.from('List-Unsubscribe=One-Click');
  return httpEvent({ routeKey: 'POST /u/{token}', path, parameters: { token }, body });
}

/** Other execution environments of the functions, which live on. */
async function openOthers({ queueUrl }: Stage) {
  const [webhook, deliver] = await Promise.all([loadHandler('webhook'), loadHandler('deliver')]);
  const run = (event: SQSEvent) => invoke('deliver', deliver, event) as Promise<SQSBatchResponse>;
  const queue = { client: new SQSClient(), queueUrl, invoke: run };
  return {
    webhook: (event: unknown) => invoke('webhook', webhook, event),
    take: (waitSeconds: number) => receive(queue, { waitSeconds }),
    deliver: (messages: readonly Message[]) => handle(queue, messages),
    async deliverAll() {
      for (let messages = await receive(queue, { waitSeconds: 0 }); messages.length > 0; ) {
        await handle(queue, messages);
        messages = await receive(queue, { waitSeconds: 0 });
      }
    },
  };
}

/** The ledger, and time: the lease of whoever held a command and is dead comes to its end. */
function openLeases() {
  const client = new DynamoDBClient();
  const TableName = process.env.LEDGER_TABLE ?? '';
  return {
    stateOf: async (id: string) => (await openTable(client, TableName).find(id))?.state,
    async end(id: string) {
      const change = {
        UpdateExpression: 'SET leasedUntil = :past',
        ConditionExpression: 'attribute_exists(leasedUntil)',
        ExpressionAttributeValues: { ':past': { N: '0' } },
      };
      const ended = client.send(new UpdateItemCommand({ TableName, Key: { id: { S: id } }, ...change }));
      await ended.catch((error: unknown) => {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
      });
    },
  };
}
