import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Secret } from './secret.ts';

/** Where secrets are kept. Every write is one statement: a crash leaves the old secret or the new one. */
export interface SecretStore {
  /** By name, by ARN, or by the ARN without its random suffix. */
  find(id: string): Secret | undefined;
  /** Oldest first. */
  list(): readonly Secret[];
  save(secret: Secret): void;
  remove(name: string): void;
  close(): void;
}

/** Opens the store in a directory, which is made when it is missing, or in memory when there is none. */
export function createSecretStore(dir?: string): SecretStore {
  const database = new DatabaseSync(dir === undefined ? ':memory:' : privateFile(dir));
  database.exec(
    'CREATE TABLE IF NOT EXISTS secret (name TEXT PRIMARY KEY, arn TEXT NOT NULL UNIQUE, document TEXT NOT NULL)',
  );
  const found = database.prepare(
    'SELECT document FROM secret WHERE ?1 IN (name, arn, substr(arn, 1, length(arn) - 7)) ORDER BY name = ?1 DESC',
  );
  const all = database.prepare('SELECT document FROM secret ORDER BY rowid');
  const saved = database.prepare(
    'INSERT INTO secret VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET document = excluded.document',
  );
  const removed = database.prepare('DELETE FROM secret WHERE name = ?');
  return {
    find: (id) => found.all(id).map(secretIn)[0],
    list: () => all.all().map(secretIn),
    save: (secret) => void saved.run(secret.name, secret.arn, JSON.stringify(secret)),
    remove: (name) => void removed.run(name),
    close: () => {
      if (database.isOpen) database.close();
    },
  };
}

function secretIn(row: Readonly<Record<string, unknown>>): Secret {
  return JSON.parse(String(row['document']));
}

// The file may hold a real HubSpot token: it is for its owner only.
function privateFile(dir: string): string {
  mkdirSync(dir, { recursive: true });
  const path = join(dir, 'secrets-manager.sqlite');
  appendFileSync(path, '', { mode: 0o600 });
  return path;
}
