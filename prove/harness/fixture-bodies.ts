import { toOptOut } from '../../functions/core/intake/ingest.ts';
import { defaultPolicy } from '../../functions/core/intake/policy.ts';
import type { Signal } from '../../functions/core/model/signal.ts';
import { fixturesOf } from '../../test/sources/fixture.ts';

/** The body of a source's fixture, without its signature. */
export interface FixtureBody {
  readonly source: string;
  readonly contentType: string;
  readonly body: string;
  /** When the events of the body happened, if the fixture expects a time. */
  readonly times: readonly Date[];
  /** Whether the body contains exactly one opt-out, of one address. */
  readonly isOneOptOut: boolean;
}

/** Returns the unsigned bodies of a source's fixtures. */
export function fixtureBodiesOf(source: string): readonly FixtureBody[] {
  return fixturesOf(source).flatMap(({ headers, body, expected }) => {
    const unsigned = withoutSignature(source, body);
    if (!unsigned) return []; // a handshake, or a request whose data is in the URL
    const { signals = [] } = expected as { readonly signals?: readonly Signal[] };
    const times = signals.map(({ occurredAt }) => new Date(occurredAt));
    const contentType = headers['content-type'] ?? '';
    return [{ source, contentType, body: unsigned, times, isOneOptOut: isOneOptOut(signals) }];
  });
}

function isOneOptOut([signal, ...others]: readonly Signal[]): boolean {
  if (signal?.email === undefined || others.length > 0) return false;
  const arrival = { source: '', receivedAt: new Date(0), policy: defaultPolicy };
  return toOptOut({ ...signal, occurredAt: new Date(0) }, arrival) !== undefined;
}

/** Removes a signature from the body. Returns undefined for a handshake, and if the signature cannot be removed. */
function withoutSignature(source: string, body: string): string | undefined {
  if (source === 'ses' || source === 'scaleway') {
    const { Type, Message } = JSON.parse(body);
    return Type === 'Notification' ? Message : undefined;
  }
  const member = { mailgun: 'signature', 'unisender-go': 'auth' }[source];
  if (member === undefined) return body;
  if (!body.trimStart().startsWith('{')) return undefined;
  const { [member]: _signature, ...rest } = JSON.parse(body);
  return JSON.stringify(rest);
}

/** An address in plain text, a form or XML. It may follow `%22`, the opening quote of JSON in a form. */
const ADDRESS = /(?<=%[\dA-F]{2}|[^\w.+'%-]|^)((?:[\w.+'-]|%2B|%27|&apos;)+)(@|%40|\\u0040)([\w-]+(?:\.[\w-]+)+)/gi;

/** Returns the body with other addresses. Except for the `@`, they must not change when encoded. */
export function withAddresses({ body }: FixtureBody, addressAt: (index: number) => string): Buffer {
  return Buffer.from(replaceAddresses(body, addressAt));
}

/** Replaces the addresses of a text. `addressAt` gets the index of each distinct address. */
export function replaceAddresses(text: string, addressAt: (index: number) => string): string {
  const found: string[] = [];
  return text.replace(ADDRESS, (_all, local: string, at: string, domain: string) => {
    const address = `${local}@${domain}`.toLowerCase();
    if (!found.includes(address)) found.push(address);
    return addressAt(found.indexOf(address)).replace('@', () => at);
  });
}

/** Returns the body with another time, if its times are written in UTC in one of the usual formats. */
export function withTime({ body, times }: FixtureBody, at: Date): string {
  return times.reduce((text, time) => {
    const [from, to] = [formatsOf(time), formatsOf(at)];
    return from.reduce((result, format, index) => result.replaceAll(format, to[index] ?? format), text);
  }, body);
}

/** Formats a time as Unix seconds, which are also the prefix of milliseconds, as ISO 8601, and as ISO 8601 encoded for forms. */
function formatsOf(time: Date): readonly string[] {
  const iso = time.toISOString().slice(0, 19);
  const formats = [iso, iso.replace('T', ' '), iso.replace('T', '+')];
  return [`${Math.floor(time.getTime() / 1000)}`, ...formats, ...formats.map((it) => it.replaceAll(':', '%3A'))];
}
