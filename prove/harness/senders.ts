import type { KeyObject } from 'node:crypto';
import { createPrivateKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { sampleKey, sampleSourceSecrets } from '../../local/sample-secrets.ts';
import type { Prove } from './sender-signatures.ts';
import { PROOFS } from './sender-signatures.ts';

/** What a sender and the relay have agreed on. */
export interface Key {
  /** What stands in the `sources` secret. */
  readonly secret: string;
  /** What a sender signs with that keeps its key to itself. */
  readonly privateKey?: KeyObject;
}

/** A request as a sender makes it. */
export interface Posted {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

const inHeader: Prove = (_body, { key }) => ({ 'x-relay-key': key.secret });

/** The request by which a source's sender says this, proven by a key. `origin` is the relay's public one. */
export function signedBy(
  source: string,
  told: Buffer,
  how: { readonly key: Key; readonly at: Date; readonly origin: string },
): Posted {
  const path = `/webhooks/${source}`;
  const proof = (PROOFS[source] ?? inHeader)(told, { ...how, url: how.origin + path });
  return Buffer.isBuffer(proof) ? { path, headers: {}, body: proof } : { path, headers: proof, body: told };
}

/** The key that the local stack knows of a source. */
export function sampleKeyOf(source: string): Key {
  const [secret = ''] = sampleSourceSecrets()[source] ?? [];
  if (source !== 'sendgrid' && source !== 'postal') return { secret };
  return { secret, privateKey: createPrivateKey(sampleKey(source)) };
}

/** A key of a source that nobody has seen before. */
export function newKeyOf(source: string): Key {
  const text = randomBytes(24);
  if (source === 'sendgrid') return pairOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }));
  if (source === 'postal') return pairOf(generateKeyPairSync('rsa', { modulusLength: 2048 }));
  const { secret } = sampleKeyOf(source);
  if (secret.startsWith('arn:')) return { secret: `${secret}-${text.toString('hex')}` };
  return { secret: secret.startsWith('whsec_') ? `whsec_${text.toString('base64')}` : text.toString('hex') };
}

function pairOf({ publicKey, privateKey }: { readonly publicKey: KeyObject; readonly privateKey: KeyObject }): Key {
  return { secret: publicKey.export({ type: 'spki', format: 'der' }).toString('base64'), privateKey };
}
