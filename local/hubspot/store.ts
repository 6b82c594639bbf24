import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Person } from './person.ts';

/** The people of the account, one row per address. Saved rows survive even a killed process. */
export interface Store {
  /** Returns a person without any status for an unknown address. */
  find(address: string): Person;
  findContact(id: string): Person | undefined;
  save(person: Person): void;
  all(): readonly Person[];
  /** Returns an unused contact id. */
  freeContactId(): string;
  clear(): void;
  close(): void;
}

/** HubSpot stores and compares addresses in lower case. */
export const normalize = (address: string): string => address.trim().toLowerCase();

/** Creates a store in a folder, or in memory without one. */
export function createStore(dir: string | undefined): Store {
  const database = openDatabase(dir);
  const byEmail = database.prepare('SELECT document FROM people WHERE email = ?');
  const byContact = database.prepare('SELECT document FROM people WHERE contact_id = ?');
  const upsert = database.prepare(
    `INSERT INTO people (email, contact_id, document) VALUES (?, ?, ?)
     ON CONFLICT (email) DO UPDATE SET contact_id = excluded.contact_id, document = excluded.document`,
  );
  const everyone = database.prepare('SELECT document FROM people ORDER BY rowid');
  const lastContact = database.prepare('SELECT max(CAST(contact_id AS INTEGER)) AS id FROM people');
  return {
    find(address) {
      const email = normalize(address);
      return person(byEmail.get(email)) ?? { email, optOutWrites: 0, wide: [], statuses: [] };
    },
    findContact: (id) => person(byContact.get(id)),
    save: (saved) => void upsert.run(saved.email, saved.contact?.id ?? null, JSON.stringify(saved)),
    all: () => everyone.all().flatMap((row) => person(row) ?? []),
    freeContactId: () => String(Math.max(1000, Number(lastContact.get()?.['id'] ?? 0)) + 1),
    clear: () => database.exec('DELETE FROM people'),
    close: () => database.close(),
  };
}

function openDatabase(dir: string | undefined): DatabaseSync {
  if (dir !== undefined) mkdirSync(dir, { recursive: true });
  const database = new DatabaseSync(dir === undefined ? ':memory:' : join(dir, 'hubspot.sqlite'));
  // NORMAL loses writes only in a power cut, not with a killed process.
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
  database.exec('CREATE TABLE IF NOT EXISTS people (email TEXT PRIMARY KEY, contact_id TEXT UNIQUE, document TEXT)');
  return database;
}

function person(row: Readonly<Record<string, unknown>> | undefined): Person | undefined {
  if (row === undefined) return undefined;
  const found: Person = JSON.parse(String(row['document']));
  return found;
}
