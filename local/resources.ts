import { MAX_ATTEMPTS } from './async-invocation.ts';
import type { QueueDefinition } from './aws/queues.ts';
import type { Template } from './template.ts';

/** Names of the local resources. */
export const NAMES = {
  queue: 'optout-relay',
  bulk: 'optout-relay-bulk',
  deadLetters: 'optout-relay-dead-letters',
  events: 'optout-relay-events',
  eventsDeadLetters: 'optout-relay-events-dead-letters',
  mail: 'optout-relay-mail',
  mailDeadLetters: 'optout-relay-mail-dead-letters',
  topic: 'optout-relay',
  table: 'optout-relay',
} as const;

export const REGION = 'us-east-1';
export const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };
/** The account of the embedded services. */
export const ACCOUNT = '000000000000';

/** The AWS services of the stack, with its resources: embedded in this process, or at an endpoint. */
export interface Aws {
  /** The `AWS_ENDPOINT_URL…` variables that SDK clients read. */
  readonly endpoints: Readonly<Record<string, string>>;
  readonly topicArn: string;
  readonly secrets: SecretStore;
  urlOf(queue: string): string;
  close(): Promise<void>;
}

export interface SecretStore {
  /** Returns the value of a secret, or undefined if it has none. */
  read(name: string): Promise<string | undefined>;
  /** Creates or replaces a secret. */
  write(name: string, text: string): Promise<void>;
}

export const queueArn = (name: string, account: string): string => `arn:aws:sqs:${REGION}:${account}:${name}`;

/** Returns the queues as the template configures them, each after its dead-letter queue. */
export function queuesOf({ maxReceiveCount, queueAttributes }: Template, account = ACCOUNT): QueueDefinition[] {
  const { queue, bulk, deadLetters, events, eventsDeadLetters, mail, mailDeadLetters } = NAMES;
  const redriven = (name: string, to: string, limit: number, attributes = {}) => {
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: queueArn(to, account), maxReceiveCount: limit });
    return { name, attributes: { ...attributes, RedrivePolicy } };
  };
  return [
    { name: deadLetters, attributes: queueAttributes },
    redriven(queue, deadLetters, maxReceiveCount, queueAttributes),
    redriven(bulk, deadLetters, maxReceiveCount, queueAttributes),
    { name: eventsDeadLetters, attributes: {} },
    redriven(events, eventsDeadLetters, MAX_ATTEMPTS),
    { name: mailDeadLetters, attributes: {} },
    redriven(mail, mailDeadLetters, MAX_ATTEMPTS),
  ];
}

export function tableOf({ ledger }: Template) {
  return { ...ledger, TableName: NAMES.table, BillingMode: 'PAY_PER_REQUEST' as const };
}
