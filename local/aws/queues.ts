import { Server } from 'node:http';
import { startFauxqs } from 'fauxqs';

/** SQS (and SNS) on loopback. */
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

/** Queues, messages and what is in flight are kept in `dir` and survive a `kill -9`. */
export async function startQueues(
  queues: readonly QueueDefinition[],
  dir: string,
  topics: readonly TopicDefinition[] = [],
): Promise<LocalQueues> {
  const fauxqs = await onLoopback(() => startFauxqs({ port: 0, logger: false, dataDir: dir }));
  // createQueue() would empty a queue that is there already.
  fauxqs.setup({
    queues: queues.map(({ name, attributes }) => ({ name, attributes: { ...attributes } })),
    topics: topics.map(({ name }) => ({ name })),
    subscriptions: topics.map(({ name, queue }) => ({ topic: name, queue })),
  });
  const url = `http://127.0.0.1:${fauxqs.port}`;
  return { url, urlOf: (queue) => `${url}/000000000000/${queue}`, close: () => fauxqs.stop() };
}

/** fauxqs always listens on every interface; nothing of the local stack may be reached from another machine. */
async function onLoopback<Result>(start: () => Promise<Result>): Promise<Result> {
  const { listen } = Server.prototype;
  Server.prototype.listen = function listenOnLoopback(this: Server, ...args: unknown[]) {
    const [options, ...rest] = args;
    return Reflect.apply(listen, this, [{ ...(options as object), host: '127.0.0.1' }, ...rest]);
  };
  try {
    return await start();
  } finally {
    Server.prototype.listen = listen;
  }
}
