import { randomBytes, randomUUID } from 'node:crypto';
import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { AwsError, type Input, optionalText, requiredText, serveAwsJson } from './aws-json.ts';

/** AWS Secrets Manager on loopback: GetSecretValue and PutSecretValue of current string values. */
export interface LocalSecretsManager {
  /** Endpoint for SDK clients. */
  readonly url: string;
  readonly port: number;
  /** Returns the value of a secret, or undefined if it does not exist. */
  read(name: string): string | undefined;
  /** Creates or replaces a secret. */
  write(name: string, text: string): void;
  close(): Promise<void>;
}

/** Starts the service. Port 0 takes a free port. With `dir`, secrets survive a restart; without, they are in memory. */
export async function startSecretsManager(options: { port: number; dir?: string }): Promise<LocalSecretsManager> {
  const { find, save, close } = openDatabase(options.dir);
  const existing = (input: Input): Secret => {
    const secret = find(requiredText(input, 'SecretId'));
    if (secret) return secret;
    throw new AwsError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
  };
  const operations = {
    GetSecretValue: (input: Input) => {
      const secret = existing(input);
      return { ...version(secret), SecretString: secret.text, CreatedDate: secret.createdMs / 1000 };
    },
    PutSecretValue: (input: Input) => {
      const secret = existing(input);
      const text = optionalText(input, 'SecretString');
      if (!text) throw new AwsError('InvalidRequestException', 'You must provide SecretString.');
      return version(save({ ...secret, text, versionId: optionalText(input, 'ClientRequestToken') ?? randomUUID() }));
    },
  };
  const server = await serveAwsJson({ target: 'secretsmanager', operations }, options.port);
  return {
    url: server.url,
    port: server.port,
    read: (name) => find(name)?.text,
    write: (name, text) => void save({ ...(find(name) ?? newSecret(name)), text, versionId: randomUUID() }),
    async close() {
      await server.close();
      close();
    },
  };
}

interface Secret {
  readonly name: string;
  readonly arn: string;
  readonly versionId: string;
  readonly text: string;
  /** Time of the current version. */
  readonly createdMs: number;
}

/** ARNs end with six random characters, so that a new secret with the same name has a different ARN. */
function newSecret(name: string): Pick<Secret, 'name' | 'arn'> {
  return {
    name,
    arn: `arn:aws:secretsmanager:us-east-1:000000000000:secret:${name}-${randomBytes(3).toString('hex')}`,
  };
}

function version({ arn, name, versionId }: Secret) {
  return { ARN: arn, Name: name, VersionId: versionId, VersionStages: ['AWSCURRENT'] };
}

/** Every write is a single statement, so a crash leaves either the old value or the new one. */
function openDatabase(dir: string | undefined) {
  const database = new DatabaseSync(dir === undefined ? ':memory:' : privateFile(dir));
  database.exec(
    'CREATE TABLE IF NOT EXISTS secrets (name TEXT PRIMARY KEY, arn TEXT NOT NULL, document TEXT NOT NULL)',
  );
  const select = database.prepare('SELECT document FROM secrets WHERE ? IN (name, arn)');
  const upsert = database.prepare('INSERT OR REPLACE INTO secrets VALUES (?, ?, ?)');
  return {
    find(id: string): Secret | undefined {
      const row = select.get(id);
      return row && JSON.parse(String(row['document']));
    },
    save(content: Omit<Secret, 'createdMs'>): Secret {
      const secret = { ...content, createdMs: Date.now() };
      upsert.run(secret.name, secret.arn, JSON.stringify(secret));
      return secret;
    },
    close() {
      if (database.isOpen) database.close();
    },
  };
}

/** The file may contain a real HubSpot token, so only its owner can read it. */
function privateFile(dir: string): string {
  mkdirSync(dir, { recursive: true });
  const path = join(dir, 'secrets-manager.sqlite');
  appendFileSync(path, '', { mode: 0o600 });
  return path;
}
