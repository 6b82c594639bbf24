import { Server } from 'node:http';
import { startFauxqs } from 'fauxqs';
import { rejectForeignRequests } from '../listen.ts';
import { putEvent, watchPuts } from './objects.ts';

/** SQS, SNS and S3 on loopback. */
export interface LocalQueues {
  readonly url: string;
  urlOf(queue: string): string;
  close(): Promise<void>;
}

export interface QueueDefinition {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** An SNS topic, and the queue that is subscribed to it. */
export interface TopicDefinition {
  readonly name: string;
  readonly queue: string;
}

/** An S3 bucket, and the queue that is notified of new objects. */
export interface BucketDefinition {
  readonly name: string;
  /** Only objects whose key has this prefix cause a notification. */
  readonly prefix: string;
  readonly queue: string;
}

/** What sends messages to a queue. */
export interface QueueSources {
  readonly topics?: readonly TopicDefinition[];
  readonly buckets?: readonly BucketDefinition[];
}

/** Starts SQS, SNS and S3. Queues, messages, in-flight state and objects are stored in `dir` and survive `kill -9`. */
export async function startQueues(
  queues: readonly QueueDefinition[],
  dir: string,
  { topics = [], buckets = [] }: QueueSources = {},
): Promise<LocalQueues> {
  const { server, started: fauxqs } = await onLoopback(() => startFauxqs({ port: 0, logger: false, dataDir: dir }));
  // createQueue() would empty an existing queue.
  fauxqs.setup({
    queues: queues.map(({ name, attributes }) => ({ name, attributes: { ...attributes } })),
    topics: topics.map(({ name }) => ({ name })),
    subscriptions: topics.map(({ name, queue }) => ({ topic: name, queue })),
    buckets: buckets.map(({ name }) => name),
  });
  watchPuts(server, (put) => {
    const bucket = buckets.find(({ name, prefix }) => name === put.bucket && put.key.startsWith(prefix));
    if (bucket) fauxqs.sendMessage(bucket.queue, JSON.stringify(putEvent(put, new Date())));
  });
  const url = `http://127.0.0.1:${fauxqs.port}`;
  return { url, urlOf: (queue) => `${url}/000000000000/${queue}`, close: () => fauxqs.stop() };
}

/** fauxqs listens on every interface. The local stack must not be reachable from other machines, so `listen` is patched. */
async function onLoopback<Started>(start: () => Promise<Started>): Promise<{ server: Server; started: Started }> {
  const { listen } = Server.prototype;
  let server = new Server();
  Server.prototype.listen = function listenOnLoopback(this: Server, ...args: unknown[]) {
    const [options, ...rest] = args;
    server = this;
    return Reflect.apply(listen, this, [{ ...(options as object), host: '127.0.0.1' }, ...rest]);
  };
  try {
    const started = await start();
    rejectForeignRequests(server);
    return { server, started };
  } finally {
    Server.prototype.listen = listen;
  }
}
