import { randomBytes } from 'node:crypto';
import { parseEmailAddress } from '../../functions/core/model/email-address.ts';
import { createTokenSealer } from '../../functions/crypto/sealed-links.ts';
import { sources } from '../../functions/sources/index.ts';
import { saidAbout, toldBy } from '../harness/fixture-bodies.ts';
import type { Key } from '../harness/senders.ts';
import { newKeyOf, signedBy } from '../harness/senders.ts';
import type { Stage } from '../harness/stage.ts';

/** Somebody who proves himself with a secret that is rotated. */
export interface Caller {
  readonly name: string;
  /** What is answered to whom the relay does not know. */
  readonly refused: number;
  /** Calls with the key of a round, or with one that nobody ever knew: -1. Gives the status. */
  call(stage: Stage, key: number): Promise<number>;
}

const KEYS = 6;
const STRANGER = KEYS;

/** A key for each round, and a stranger's behind them. */
const keysFor = <Made>(make: () => Made): readonly Made[] => Array.from({ length: KEYS + 1 }, make);
const at = <Made>(keys: readonly Made[], key: number): Made => keys[key < 0 ? STRANGER : key] as Made;
/** The current one, then the previous one. */
const inForce = <Made>(keys: readonly Made[], round: number): readonly Made[] =>
  keys.slice(Math.max(0, round - 1), round + 1).reverse();

/** Everybody who calls, and the secrets of each round. */
export function createCallers(senders = sources.length) {
  const ofSources = sources.slice(0, senders).map(({ name }) => ({ name, keys: keysFor(() => newKeyOf(name)) }));
  const linkKeys = keysFor(() => ({ kid: randomBytes(4).toString('hex'), key: randomBytes(32) }));
  const apiKeys = keysFor(() => randomBytes(24).toString('hex'));
  const all = [...ofSources.map(senderOf), linkHolder(linkKeys), linkAsker(apiKeys)];
  const secretsAt = (round: number) => ({
    sources: Object.fromEntries(
      ofSources.map(({ name, keys }) => [name, inForce(keys, round).map(({ secret }) => secret)]),
    ),
    links: {
      keys: inForce(linkKeys, round).map(({ kid, key }) => ({ kid, key: key.toString('base64url') })),
      apiKeys: inForce(apiKeys, round),
    },
  });
  return { all, secretsAt };
}

let people = 0;
const somebody = (): string => `rotated-${people++}@example.com`;

function senderOf({ name, keys }: { readonly name: string; readonly keys: readonly Key[] }): Caller {
  const all = toldBy(name);
  const told = all.find(({ isOneOptOut }) => isOneOptOut) ?? all[0];
  if (!told) throw new Error(`${name} has no fixture`);
  const call = async (stage: Stage, key: number) => {
    const how = { key: at(keys, key), at: new Date(), origin: stage.url };
    const posted = signedBy(name, saidAbout(told, somebody), how);
    return (await stage.post({ ...posted, headers: { 'content-type': told.contentType, ...posted.headers } })).status;
  };
  return { name, refused: 401, call };
}

/** Links live long: one that was sealed with the previous key opens as well. */
function linkHolder(keys: readonly { readonly kid: string; readonly key: Uint8Array }[]): Caller {
  const call = async (stage: Stage, key: number) => {
    const known = async () => [at(keys, key)];
    const token = await createTokenSealer({ get: known, refresh: known }).sealLink({
      email: parseEmailAddress(somebody()),
    });
    return (await stage.post({ path: `/u/${token}`, headers: {}, body: 'List-Unsubscribe=One-Click' })).status;
  };
  return { name: 'a link', refused: 400, call };
}

function linkAsker(keys: readonly string[]): Caller {
  const call = async (stage: Stage, key: number) => {
    const headers = { authorization: `Bearer ${at(keys, key)}`, 'content-type': 'application/json' };
    return (await stage.post({ path: '/links', headers, body: JSON.stringify({ addresses: [somebody()] }) })).status;
  };
  return { name: 'an API key', refused: 401, call };
}
