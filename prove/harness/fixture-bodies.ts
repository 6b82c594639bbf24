import { toOptOut } from '../../functions/core/intake/ingest.ts';
import { defaultPolicy } from '../../functions/core/intake/policy.ts';
import type { Signal } from '../../functions/core/model/signal.ts';
import { fixturesOf } from '../../test/sources/fixture.ts';

/** What a sender once said, as its fixture has it: without the proof. */
export interface FixtureBody {
  readonly source: string;
  readonly contentType: string;
  readonly body: string;
  /** When what it tells of happened, as far as the fixture says. */
  readonly times: readonly Date[];
  /** Whether it is one opt-out, of one address. */
  readonly isOneOptOut: boolean;
}

/** All that the fixtures of a source say. */
export function toldBy(source: string): readonly FixtureBody[] {
  return fixturesOf(source).flatMap(({ headers, body, expected }) => {
    const bare = withoutProof(source, body);
    if (!bare) return []; // or all of it is in the URL
    const { signals = [] } = expected as { readonly signals?: readonly Signal[] };
    const times = signals.map(({ occurredAt }) => new Date(occurredAt));
    const told = { source, contentType: headers['content-type'] ?? '', body: bare, times };
    return [{ ...told, isOneOptOut: isOneOptOut(signals) }];
  });
}

function isOneOptOut([signal, ...more]: readonly Signal[]): boolean {
  if (signal?.email === undefined || more.length > 0) return false;
  const arrival = { source: '', receivedAt: new Date(0), policy: defaultPolicy };
  return toOptOut({ ...signal, occurredAt: new Date(0) }, arrival) !== undefined;
}

/** Where the proof is in the body, what is left without it; undefined for a handshake, and where it cannot be taken out. */
function withoutProof(source: string, body: string): string | undefined {
  if (source === 'ses' || source === 'scaleway') {
    const { Type, Message } = JSON.parse(body);
    return Type === 'Notification' ? Message : undefined;
  }
  const member = { mailgun: 'signature', 'unisender-go': 'auth' }[source];
  if (member === undefined) return body;
  if (!body.trimStart().startsWith('{')) return undefined;
  const { [member]: _proof, ...told } = JSON.parse(body);
  return JSON.stringify(told);
}

/** An address in plain, in a form or in XML; behind `%22`, too, as it begins in the JSON of a form. */
const ADDRESS = /(?<=%[\dA-F]{2}|[^\w.+'%-]|^)((?:[\w.+'-]|%2B|%27|&apos;)+)(@|%40|\\u0040)([\w-]+(?:\.[\w-]+)+)/gi;

/** The same about other people, whose addresses must look alike in every encoding but for their `@`. */
export function saidAbout({ body }: FixtureBody, rename: (index: number) => string): Buffer {
  return Buffer.from(renamed(body, rename));
}

/** A text about other people. */
export function renamed(text: string, rename: (index: number) => string): string {
  const known: string[] = [];
  return text.replace(ADDRESS, (_all, local: string, at: string, domain: string) => {
    const address = `${local}@${domain}`.toLowerCase();
    if (!known.includes(address)) known.push(address);
    return rename(known.indexOf(address)).replace('@', () => at);
  });
}

/** The same of something that happened at another time, where the time is written as most write it, in UTC. */
export function saidAt({ body, times }: FixtureBody, at: Date): string {
  return times.reduce((text, time) => {
    const [from, to] = [formsOf(time), formsOf(at)];
    return from.reduce((known, form, index) => known.replaceAll(form, to[index] ?? form), text);
  }, body);
}

/** Seconds, which begin the milliseconds as well; ISO 8601, and how it stands in a form. */
function formsOf(time: Date): readonly string[] {
  const iso = time.toISOString().slice(0, 19);
  const forms = [iso, iso.replace('T', ' '), iso.replace('T', '+')];
  return [`${Math.floor(time.getTime() / 1000)}`, ...forms, ...forms.map((form) => form.replaceAll(':', '%3A'))];
}
