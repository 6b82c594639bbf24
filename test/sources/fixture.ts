import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RawRequest } from '../../functions/core/payload/http.ts';

/** A recorded request: `fixtures/<source>/<case>.json`, and its body beside it in `<case>.body`. */
export interface Fixture {
  readonly about: string;
  /** The sender's page that documents this payload. */
  readonly documentation: string;
  /** Verifies the request: a shared secret or a public key. */
  readonly secret: string;
  readonly receivedAt: string;
  /** @default 'POST' */
  readonly method?: 'GET';
  /** Path and query, if the proof is in the query. */
  readonly url?: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The exact body, as UTF-8. */
  readonly body: string;
  /** The reading as JSON, with times in ISO 8601. For a handshake, the handshake. */
  readonly expected: unknown;
}

export function fixturesOf(source: string): readonly Fixture[] {
  const folder = join(import.meta.dirname, 'fixtures', source);
  const read = (file: string) => readFileSync(join(folder, file), 'utf8');
  const cases = readdirSync(folder).filter((file) => file.endsWith('.json'));
  return cases.map((file) => ({ ...JSON.parse(read(file)), body: unfolded(read(file.replace(/json$/, 'body'))) }));
}

/** Long lines are folded as in email headers: a line that begins with tabs continues the one before. */
function unfolded(text: string): string {
  return text.replace(/\n\t+/g, '');
}

/** Builds the request that a fixture records. */
export function requestOf(fixture: Fixture, source: string): RawRequest {
  return {
    method: fixture.method ?? 'POST',
    url: new URL(fixture.url ?? `/webhooks/${source}`, 'https://relay.example.com'),
    headers: fixture.headers,
    body: Buffer.from(fixture.body),
    receivedAt: new Date(fixture.receivedAt),
  };
}
