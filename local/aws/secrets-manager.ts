import { randomUUID } from 'node:crypto';
import { type Input, serveAwsJson } from './aws-json.ts';
import { current, holderOf, newSecret, withVersion } from './secret.ts';
import { secretOperations } from './secret-operations.ts';
import { createSecretStore } from './secret-store.ts';

/** AWS Secrets Manager on loopback, for any SDK client that has `url` as its endpoint. */
export interface LocalSecretsManager {
  readonly url: string;
  readonly port: number;
  /** The current text of a secret, or undefined. */
  read(name: string): string | undefined;
  /** Creates the secret or makes this its current version, as PutSecretValue would. */
  write(name: string, text: string): void;
  close(): Promise<void>;
}

/** Starts it on a port (0: a free one). With `dir` the secrets outlive the process; without, they are in memory. */
export async function startSecretsManager(options: { port: number; dir?: string }): Promise<LocalSecretsManager> {
  const store = createSecretStore(options.dir);
  const bound = Object.entries(secretOperations).map(([name, run]) => [name, (input: Input) => run(store, input)]);
  const server = await serveAwsJson({ target: 'secretsmanager', operations: Object.fromEntries(bound) }, options.port);
  return {
    url: server.url,
    port: server.port,
    read(name) {
      const secret = store.find(name);
      return secret && holderOf(secret, current)?.text;
    },
    write(name, text) {
      const content = { id: randomUUID(), text, binary: undefined };
      store.save(withVersion(store.find(name) ?? newSecret(name), content, [current]));
    },
    async close() {
      await server.close();
      store.close();
    },
  };
}
