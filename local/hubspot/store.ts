import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { domainToASCII } from 'node:url';
import type { Contact, Person } from './person.ts';

/** The people of the account, one row per address. Saved rows survive even a killed process. */
export interface Store {
  /** Returns a person without any status for an unknown address. */
  find(address: string): Person;
  /** Returns the person with a contact, by its id, the id of a contact merged into it, or any of its addresses. */
  findContact(idOrAddress: string): Person | undefined;
  save(person: Person): void;
  /** Saves a person whose contact record has changed. */
  saveContact(person: Person): void;
  all(): readonly Person[];
  /** Returns an unused contact id. */
  freeContactId(): string;
  clear(): void;
  close(): void;
}

/** Returns an address as HubSpot stores it: trimmed, in lower case and NFC, with the domain in its ASCII form. */
export function normalize(address: string): string {
  const email = address.trim().toLowerCase();
  if (/^[ -~]*$/.test(email)) return email;
  const at = email.lastIndexOf('@') + 1;
  const domain = domainToASCII(email.slice(at));
  return email.slice(0, at).normalize('NFC') + (domain === '' ? email.slice(at) : domain);
}

/** Creates a store in a folder, or in memory without one. */
export function createStore(dir: string | undefined): Store {
  const database = openDatabase(dir);
  const byEmail = database.prepare('SELECT document FROM people WHERE email = ?');
  const byContact = database.prepare('SELECT document FROM people WHERE contact_id = ?');
  const byAlias = database.prepare(
    'SELECT document FROM people WHERE email = (SELECT email FROM aliases WHERE alias = ?)',
  );
  const upsert = database.prepare(
    `INSERT INTO people (email, contact_id, document) VALUES (?, ?, ?)
     ON CONFLICT (email) DO UPDATE SET contact_id = excluded.contact_id, document = excluded.document`,
  );
  const removeAliases = database.prepare('DELETE FROM aliases WHERE email = ?');
  const addAlias = database.prepare('INSERT INTO aliases (alias, email) VALUES (?, ?)');
  const everyone = database.prepare('SELECT document FROM people ORDER BY rowid');
  const lastContact = database.prepare(
    "SELECT max(CAST(id AS INTEGER)) AS id FROM (SELECT contact_id AS id FROM people UNION ALL SELECT alias FROM aliases WHERE alias NOT LIKE '%@%')",
  );
  const find = (address: string): Person => {
    const email = normalize(address);
    return person(byEmail.get(email)) ?? { email, optOutWrites: 0, wide: [], statuses: [] };
  };
  const save = (saved: Person) => void upsert.run(saved.email, saved.contact?.id ?? null, JSON.stringify(saved));
  return {
    find,
    findContact(idOrAddress) {
      const found = idOrAddress.includes('@') ? find(idOrAddress) : person(byContact.get(idOrAddress));
      return found?.contact ? found : person(byAlias.get(normalize(idOrAddress)));
    },
    save,
    saveContact(saved) {
      save(saved);
      removeAliases.run(saved.email);
      for (const alias of aliasesOf(saved.contact)) addAlias.run(alias, saved.email);
    },
    all: () => everyone.all().flatMap((row) => person(row) ?? []),
    freeContactId: () => String(Math.max(1000, Number(lastContact.get()?.['id'] ?? 0)) + 1),
    clear: () => database.exec('DELETE FROM people; DELETE FROM aliases'),
    close: () => database.close(),
  };
}

const aliasesOf = (contact: Contact | undefined): readonly string[] => [
  ...(contact?.mergedIds ?? []),
  ...(contact?.additionalEmails ?? []),
];

function openDatabase(dir: string | undefined): DatabaseSync {
  if (dir !== undefined) mkdirSync(dir, { recursive: true });
  const database = new DatabaseSync(dir === undefined ? ':memory:' : join(dir, 'hubspot.sqlite'));
  // NORMAL loses writes only in a power cut, not with a killed process.
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
  database.exec('CREATE TABLE IF NOT EXISTS people (email TEXT PRIMARY KEY, contact_id TEXT UNIQUE, document TEXT)');
  database.exec('CREATE TABLE IF NOT EXISTS aliases (alias TEXT PRIMARY KEY, email TEXT)');
  return database;
}

function person(row: Readonly<Record<string, unknown>> | undefined): Person | undefined {
  if (row === undefined) return undefined;
  const found: Person = JSON.parse(String(row['document']));
  return found;
}
