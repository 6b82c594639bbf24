import { Server } from 'node:http';
import { startFauxqs } from 'fauxqs';
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

/** An SNS topic, by name, and the queue that gets what it is told. */
export interface TopicDefinition {
  readonly name: string;
  readonly queue: string;
}

/** A bucket, and the queue that is told of what is put into it. */
export interface BucketDefinition {
  readonly name: string;
  /** Only keys that begin so are told. */
  readonly prefix: string;
  readonly queue: string;
}

/** What tells a queue. */
export interface Senders {
  readonly topics?: readonly TopicDefinition[];
  readonly buckets?: readonly BucketDefinition[];
}

/** Queues, messages, what is in flight, and objects are kept in `dir` and survive a `kill -9`. */
export async function startQueues(
  queues: readonly QueueDefinition[],
  dir: string,
  { topics = [], buckets = [] }: Senders = {},
): Promise<LocalQueues> {
  const { server, started: fauxqs } = await onLoopback(() => startFauxqs({ port: 0, logger: false, dataDir: dir }));
  // createQueue() would empty a queue that is there already.
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

/** fauxqs always listens on every interface; nothing of the local stack may be reached from another machine. */
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
    return { server, started };
  } finally {
    Server.prototype.listen = listen;
  }
}
