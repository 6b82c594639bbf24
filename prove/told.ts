import { accept } from '../functions/core/accept.ts';
import { defaultPolicy } from '../functions/core/policy.ts';
import type { Signal } from '../functions/core/source.ts';
import { fixturesOf } from '../test/sources/fixture.ts';
import { addressesIn } from '../test/sources/harm.ts';

/** What a sender once said, as its fixture has it: without the proof. */
export interface Told {
  readonly source: string;
  readonly contentType: string;
  readonly body: string;
  /** As they stand in the body, of one or more people. */
  readonly addresses: readonly string[];
  /** Whether it is one opt-out, of one address. */
  readonly isOneOptOut: boolean;
}

/** All that the fixtures of a source say. */
export function toldBy(source: string): readonly Told[] {
  return fixturesOf(source).flatMap(({ headers, body, expected }) => {
    const bare = withoutProof(source, body);
    if (bare === undefined) return [];
    const { signals = [] } = expected as { readonly signals?: readonly Signal[] };
    const told = { source, contentType: headers['content-type'] ?? '', body: bare, addresses: addressesIn(bare) };
    return [{ ...told, isOneOptOut: isOneOptOut(signals) }];
  });
}

function isOneOptOut([signal, ...more]: readonly Signal[]): boolean {
  if (signal?.email === undefined || more.length > 0) return false;
  const arrival = { source: '', receivedAt: new Date(0), policy: defaultPolicy };
  return accept({ ...signal, occurredAt: new Date(0) }, arrival) !== undefined;
}

/** Where the proof is in the body, what is left without it; undefined for a handshake. */
function withoutProof(source: string, body: string): string | undefined {
  if (source === 'ses' || source === 'scaleway') {
    const { Type, Message } = JSON.parse(body);
    return Type === 'Notification' ? Message : undefined;
  }
  const member = { mailgun: 'signature', 'unisender-go': 'auth' }[source];
  if (member === undefined || !body.trimStart().startsWith('{')) return body;
  const { [member]: _proof, ...told } = JSON.parse(body);
  return JSON.stringify(told);
}

/** The same about other people. The new addresses must look the same in every encoding but for their `@`. */
export function saidAbout({ body, addresses }: Told, rename: (address: string, index: number) => string): Buffer {
  const text = addresses.reduce((known, address, index) => {
    const [local = '', domain = ''] = address.split('@').map((part) => part.replace(/[^\w@]/g, '\\$&'));
    const [newLocal, newDomain] = rename(address, index).split('@');
    return known.replace(new RegExp(`${local}(@|%40|\\\\u0040)${domain}`, 'gi'), `${newLocal}$1${newDomain}`);
  }, body);
  return Buffer.from(text);
}
