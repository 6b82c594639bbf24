import type { KeyObject } from 'node:crypto';
import { createPrivateKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { sampleKey, sampleSourceSecrets } from '../../test/sample-secrets.ts';
import type { SenderKey, Sign } from './sender-signatures.ts';
import { SIGNATURES } from './sender-signatures.ts';

/** A signed webhook request. */
export interface SignedRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

const secretHeader: Sign = (_body, { key }) => ({ 'x-relay-key': key.secret });

/** Signs a body as the sender of a source does. `origin` is the public origin of the relay. */
export function signRequest(
  source: string,
  body: Buffer,
  { key, at, origin }: { readonly key: SenderKey; readonly at: Date; readonly origin: string },
): SignedRequest {
  const path = `/webhooks/${source}`;
  const signed = (SIGNATURES[source] ?? secretHeader)(body, { key, at, url: origin + path });
  return Buffer.isBuffer(signed) ? { path, headers: {}, body: signed } : { path, headers: signed, body };
}

/** Returns the sample key of a source, which the local stack accepts. */
export function sampleKeyOf(source: string): SenderKey {
  const [secret = ''] = sampleSourceSecrets()[source] ?? [];
  if (source !== 'sendgrid' && source !== 'postal') return { secret };
  return { secret, privateKey: createPrivateKey(sampleKey(source)) };
}

/** Generates a random key for a source. */
export function newKeyOf(source: string): SenderKey {
  const text = randomBytes(24);
  if (source === 'sendgrid') return pairOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }));
  if (source === 'postal') return pairOf(generateKeyPairSync('rsa', { modulusLength: 2048 }));
  const { secret } = sampleKeyOf(source);
  if (secret.startsWith('arn:')) return { secret: `${secret}-${text.toString('hex')}` };
  return { secret: secret.startsWith('whsec_') ? `whsec_${text.toString('base64')}` : text.toString('hex') };
}

function pairOf({
  publicKey,
  privateKey,
}: {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}): SenderKey {
  return { secret: publicKey.export({ type: 'spki', format: 'der' }).toString('base64'), privateKey };
}
