import { readFileSync } from 'node:fs';
import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb';
import { parse } from 'yaml';

/** What of `serverless.yml` and `infra/` the local stack runs: the same files are deployed. */
export interface Template {
  /** Route keys by function: `{ webhook: ['POST /webhooks/{source}', …] }`. */
  readonly routes: Readonly<Record<string, readonly string[]>>;
  /** By function that runs on one. */
  readonly schedules: Readonly<Record<string, TemplateSchedule>>;
  /** The most deliveries of a message before it is a dead letter. */
  readonly maxReceiveCount: number;
  /** The other attributes of the queue and of its dead letters. */
  readonly queues: Readonly<Record<'main' | 'deadLetters', Readonly<Record<string, string>>>>;
  /** The ledger without its name. */
  readonly ledger: Pick<CreateTableCommandInput, 'AttributeDefinitions' | 'KeySchema' | 'GlobalSecondaryIndexes'>;
}

export interface TemplateSchedule {
  readonly everySeconds: number;
  /** How long one run may take. */
  readonly timeoutSeconds: number;
}

interface ServerlessFile {
  readonly functions: Readonly<Record<string, ServerlessFunction>>;
}

interface ServerlessFunction {
  readonly timeout?: number;
  readonly events?: readonly FunctionEvent[];
}

interface FunctionEvent {
  /** `rate(5 minutes)` */
  readonly schedule?: string;
  readonly httpApi?: string | { readonly method: string; readonly path: string };
}

interface QueueFile {
  readonly Resources: {
    readonly OptOutQueue: {
      readonly Properties: QueueProperties & { readonly RedrivePolicy: { readonly maxReceiveCount: number } };
    };
    readonly OptOutDeadLetters: { readonly Properties: QueueProperties };
  };
}

interface QueueProperties {
  readonly MessageRetentionPeriod?: number;
  readonly VisibilityTimeout?: number;
}

interface LedgerFile {
  readonly Resources: { readonly Ledger: { readonly Properties: Template['ledger'] } };
}

/** Reads the deployed files from the project's root. */
export function readTemplate(root: URL): Template {
  const { functions } = read<ServerlessFile>(new URL('serverless.yml', root));
  const { OptOutQueue, OptOutDeadLetters } = read<QueueFile>(new URL('infra/queue.yml', root)).Resources;
  const table = read<LedgerFile>(new URL('infra/ledger.yml', root)).Resources.Ledger.Properties;
  const { AttributeDefinitions, KeySchema, GlobalSecondaryIndexes } = table;
  return {
    routes: Object.fromEntries(Object.entries(functions).map(([name, { events = [] }]) => [name, routesOf(events)])),
    schedules: Object.fromEntries(Object.entries(functions).flatMap(schedulesOf)),
    maxReceiveCount: Number(OptOutQueue.Properties.RedrivePolicy.maxReceiveCount),
    queues: { main: attributesOf(OptOutQueue.Properties), deadLetters: attributesOf(OptOutDeadLetters.Properties) },
    ledger: { AttributeDefinitions, KeySchema, GlobalSecondaryIndexes },
  };
}

function attributesOf({ MessageRetentionPeriod, VisibilityTimeout }: QueueProperties): Record<string, string> {
  const given = Object.entries({ MessageRetentionPeriod, VisibilityTimeout });
  return Object.fromEntries(given.flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])));
}

function routesOf(events: readonly FunctionEvent[]): string[] {
  return events.flatMap(({ httpApi }) => {
    if (httpApi === undefined) return [];
    return typeof httpApi === 'string' ? [httpApi] : [`${httpApi.method.toUpperCase()} ${httpApi.path}`];
  });
}

function schedulesOf([name, { timeout = 0, events = [] }]: [string, ServerlessFunction]) {
  return events.flatMap(({ schedule = '' }): [string, TemplateSchedule][] => {
    const minutes = /^rate\((\d+) minutes\)$/.exec(schedule)?.[1];
    return minutes === undefined ? [] : [[name, { everySeconds: Number(minutes) * 60, timeoutSeconds: timeout }]];
  });
}

/** The intrinsics (`!Ref`, `!GetAtt`) that stand elsewhere in these files mean nothing here. */
function read<File>(file: URL): File {
  return parse(readFileSync(file, 'utf8'), { logLevel: 'silent' }) as File;
}
