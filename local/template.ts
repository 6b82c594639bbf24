import { readFileSync } from 'node:fs';
import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb';
import { parse } from 'yaml';

/** The parts of `serverless.yml` and `infra/` that the local stack uses. */
export interface Template {
  /** Route keys by function, such as `{ webhook: ['POST /webhooks/{source}', …] }`. */
  readonly routes: Readonly<Record<string, readonly string[]>>;
  /** Schedules by function. */
  readonly schedules: Readonly<Record<string, TemplateSchedule>>;
  /** Receives of a message before it moves to the dead-letter queue. */
  readonly maxReceiveCount: number;
  /** Retention and visibility timeout of messages. Dead letters have the same retention. */
  readonly queueAttributes: Readonly<Record<string, string>>;
  /** EventBridge rules that invoke the `events` function. */
  readonly rules: readonly EventRule[];
  /** The ledger's table, without its name. */
  readonly ledger: Pick<CreateTableCommandInput, 'AttributeDefinitions' | 'KeySchema' | 'GlobalSecondaryIndexes'>;
}

export interface TemplateSchedule {
  readonly everySeconds: number;
  /** Time limit of a run. */
  readonly timeoutSeconds: number;
}

export interface EventRule {
  /** Its logical id. */
  readonly name: string;
  readonly busName: string;
  readonly pattern: Readonly<Record<string, unknown>>;
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
  readonly Resources: { readonly OptOutQueue: { readonly Properties: QueueProperties } };
}

interface QueueProperties {
  readonly MessageRetentionPeriod: number;
  readonly VisibilityTimeout: number;
  readonly RedrivePolicy: { readonly maxReceiveCount: number };
}

interface EventsFile {
  readonly Resources: Readonly<Record<string, { readonly Type: string; readonly Properties: RuleProperties }>>;
}

interface RuleProperties {
  readonly EventBusName?: string;
  readonly EventPattern: EventRule['pattern'];
}

interface LedgerFile {
  readonly Resources: { readonly Ledger: { readonly Properties: Template['ledger'] } };
}

/** Reads the files that are deployed, from the project's root. `values`: local values of parameters and references. */
export function readTemplate(root: URL, values: Readonly<Record<string, string>> = {}): Template {
  const { functions } = read<ServerlessFile>(new URL('serverless.yml', root));
  const queue = read<QueueFile>(new URL('infra/queue.yml', root)).Resources.OptOutQueue.Properties;
  const table = read<LedgerFile>(new URL('infra/ledger.yml', root)).Resources.Ledger.Properties;
  const events = read<EventsFile>(new URL('infra/events.yml', root), values).Resources;
  const { AttributeDefinitions, KeySchema, GlobalSecondaryIndexes } = table;
  return {
    routes: Object.fromEntries(Object.entries(functions).map(([name, { events = [] }]) => [name, routesOf(events)])),
    schedules: Object.fromEntries(Object.entries(functions).flatMap(schedulesOf)),
    maxReceiveCount: Number(queue.RedrivePolicy.maxReceiveCount),
    queueAttributes: {
      MessageRetentionPeriod: String(queue.MessageRetentionPeriod),
      VisibilityTimeout: String(queue.VisibilityTimeout),
    },
    rules: Object.entries(events).flatMap(([name, { Type, Properties }]) =>
      Type === 'AWS::Events::Rule' ? [ruleOf(name, Properties)] : [],
    ),
    ledger: { AttributeDefinitions, KeySchema, GlobalSecondaryIndexes },
  };
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

function ruleOf(name: string, { EventBusName = 'default', EventPattern }: RuleProperties): EventRule {
  return { name, busName: EventBusName, pattern: EventPattern };
}

/** The intrinsics (`!Ref`, `!GetAtt`) that stand elsewhere in these files mean nothing here. */
function read<File>(file: URL, values: Readonly<Record<string, string>> = {}): File {
  const text = readFileSync(file, 'utf8');
  const filled = Object.entries(values).reduce((left, [name, value]) => left.replaceAll(name, value), text);
  return parse(filled, { logLevel: 'silent' }) as File;
}
