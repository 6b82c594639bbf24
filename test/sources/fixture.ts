import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RawRequest } from '../../functions/core/payload/http.ts';

/** One request as its sender makes it, in `fixtures/<source>/<what it shows>.json`. */
export interface Fixture {
  readonly about: string;
  /** The sender's page that shows this form. */
  readonly documentation: string;
  /** What verifies it: a shared secret or a public key. */
  readonly secret: string;
  readonly receivedAt: string;
  /** Path and query, where the proof is in there. */
  readonly url?: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Byte for byte, as UTF-8. */
  readonly body: string;
  /** The reading as JSON, its times in ISO 8601; or the greeting, for a handshake. */
  readonly expected: unknown;
}

export function fixturesOf(source: string): readonly Fixture[] {
  const folder = join(import.meta.dirname, 'fixtures', source);
  return readdirSync(folder).map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')));
}

/** The request a fixture stands for. */
export function requestOf(fixture: Fixture, source: string): RawRequest {
  return {
    method: 'POST',
    url: new URL(fixture.url ?? `/webhooks/${source}`, 'https://relay.example.com'),
    headers: fixture.headers,
    body: Buffer.from(fixture.body),
    receivedAt: new Date(fixture.receivedAt),
  };
}
