import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { sources } from '../functions/sources/index.ts';

/** A private key that signs samples: known to everybody, and good for nothing else. PKCS #8, PEM. */
export function sampleKey(name: 'sendgrid' | 'postal'): string {
  return readFileSync(new URL(`sample-keys/${name}.pem`, import.meta.url), 'utf8');
}

/** 24 bytes, as Standard Webhooks wants them at least. */
const WHSEC = `whsec_${Buffer.from('sample-secret-24-bytes-l').toString('base64')}`;
const TOPIC = 'arn:aws:sns:us-east-1:000000000000:optout-relay';

/** What is not a plain text of the sender's choice. */
const SPECIAL: Readonly<Record<string, () => string>> = {
  'standard-webhooks': () => WHSEC,
  resend: () => WHSEC,
  svix: () => WHSEC,
  ses: () => TOPIC,
  scaleway: () => 'arn:scw:sns:fr-par:project-0:optout-relay',
  sendgrid: () => publicHalf('sendgrid'),
  postal: () => publicHalf('postal'),
};

/** The local stack's secret of every source: `sample-secret-<name>`, or the public half of a sample key. */
export function sampleSourceSecrets(): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(sources.map(({ name }) => [name, [SPECIAL[name]?.() ?? `sample-secret-${name}`]]));
}

/** SPKI, base64 DER: as SendGrid shows its verification key. */
function publicHalf(name: 'sendgrid' | 'postal'): string {
  return createPublicKey(sampleKey(name)).export({ type: 'spki', format: 'der' }).toString('base64');
}
