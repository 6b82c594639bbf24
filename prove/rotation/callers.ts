import { randomBytes } from 'node:crypto';
import { parseEmailAddress } from '../../functions/core/model/email-address.ts';
import { createTokenSealer } from '../../functions/crypto/sealed-links.ts';
import { sources } from '../../functions/sources/index.ts';
import { fixtureBodiesOf, withAddresses } from '../harness/fixture-bodies.ts';
import type { SenderKey } from '../harness/sender-signatures.ts';
import { newKeyOf, signRequest } from '../harness/senders.ts';
import type { Stage } from '../harness/stage.ts';

/** A caller that authenticates with a secret that is rotated. */
export interface Caller {
  readonly name: string;
  /** The status of a call with an unknown key. */
  readonly rejectedStatus: number;
  /** Calls with the key of a round, or with a key that was never valid: -1. Returns the status. */
  call(stage: Stage, key: number): Promise<number>;
}

const KEYS = 6;
const UNKNOWN_KEY = KEYS;

/** Creates a key for each round, and one that is never stored. */
const createKeys = <Key>(create: () => Key): readonly Key[] => Array.from({ length: KEYS + 1 }, create);
const keyAt = <Key>(keys: readonly Key[], key: number): Key => keys[key < 0 ? UNKNOWN_KEY : key] as Key;
/** Returns the current key, then the previous one. */
const validKeys = <Key>(keys: readonly Key[], round: number): readonly Key[] =>
  keys.slice(Math.max(0, round - 1), round + 1).reverse();

/** Creates all callers, and the secrets of each round. */
export function createCallers(senders = sources.length) {
  const ofSources = sources.slice(0, senders).map(({ name }) => ({ name, keys: createKeys(() => newKeyOf(name)) }));
  const linkKeys = createKeys(() => ({ kid: randomBytes(4).toString('hex'), key: randomBytes(32) }));
  const apiKeys = createKeys(() => randomBytes(24).toString('hex'));
  const all = [...ofSources.map(senderOf), linkClicker(linkKeys), apiClient(apiKeys)];
  const secretsAt = (round: number) => ({
    sources: Object.fromEntries(
      ofSources.map(({ name, keys }) => [name, validKeys(keys, round).map(({ secret }) => secret)]),
    ),
    links: {
      keys: validKeys(linkKeys, round).map(({ kid, key }) => ({ kid, key: key.toString('base64url') })),
      apiKeys: validKeys(apiKeys, round),
    },
  });
  return { all, secretsAt };
}

let addressCount = 0;
const newAddress = (): string => `rotated-${addressCount++}@example.com`;

function senderOf({ name, keys }: { readonly name: string; readonly keys: readonly SenderKey[] }): Caller {
  const fixtures = fixtureBodiesOf(name);
  const fixture = fixtures.find(({ isOneOptOut }) => isOneOptOut) ?? fixtures[0];
  if (!fixture) throw new Error(`${name} has no fixture`);
  const call = async (stage: Stage, key: number) => {
    const signing = { key: keyAt(keys, key), at: new Date(), origin: stage.url };
    const signed = signRequest(name, withAddresses(fixture, newAddress), signing);
    return (await stage.post({ ...signed, headers: { 'content-type': fixture.contentType, ...signed.headers } }))
      .status;
  };
  return { name, rejectedStatus: 401, call };
}

/** Clicks a sealed link. Links sealed with the previous key stay valid. */
function linkClicker(keys: readonly { readonly kid: string; readonly key: Uint8Array }[]): Caller {
  const call = async (stage: Stage, key: number) => {
    const getKeys = async () => [keyAt(keys, key)];
    const token = await createTokenSealer({ get: getKeys, refresh: getKeys }).sealLink({
      email: parseEmailAddress(newAddress()),
    });
    return (await stage.post({ path: `/u/${token}`, headers: {}, body: 'List-Unsubscribe=One-Click' })).status;
  };
  return { name: 'a link', rejectedStatus: 400, call };
}

function apiClient(keys: readonly string[]): Caller {
  const call = async (stage: Stage, key: number) => {
    const headers = { authorization: `Bearer ${keyAt(keys, key)}`, 'content-type': 'application/json' };
    return (await stage.post({ path: '/links', headers, body: JSON.stringify({ addresses: [newAddress()] }) })).status;
  };
  return { name: 'an API key', rejectedStatus: 401, call };
}
