import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { sources } from '../functions/sources/index.ts';

/** Returns the public sample key that signs samples. PKCS #8, PEM. */
export function sampleKey(name: 'sendgrid' | 'postal'): string {
  return readFileSync(new URL(`sample-keys/${name}.pem`, import.meta.url), 'utf8');
}

/** 24 bytes, the minimum of Standard Webhooks. */
const WHSEC = `whsec_${Buffer.from('sample-secret-24-bytes-l').toString('base64')}`;
const TOPIC = 'arn:aws:sns:us-east-1:000000000000:optout-relay';

/** Secrets with a required format. */
const SPECIAL: Readonly<Record<string, () => string>> = {
  'standard-webhooks': () => WHSEC,
  resend: () => WHSEC,
  svix: () => WHSEC,
  ses: () => TOPIC,
  scaleway: () => 'arn:scw:sns:fr-par:project-0:optout-relay',
  sendgrid: () => publicKeyOf('sendgrid'),
  postal: () => publicKeyOf('postal'),
};

/** Returns a fixed secret for every source: `sample-secret-<name>`, or the public key of a sample key. Only tests use them. */
export function sampleSourceSecrets(): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(sources.map(({ name }) => [name, [SPECIAL[name]?.() ?? `sample-secret-${name}`]]));
}

/** SPKI in base64 DER, the format of SendGrid's verification key. */
function publicKeyOf(name: 'sendgrid' | 'postal'): string {
  return createPublicKey(sampleKey(name)).export({ type: 'spki', format: 'der' }).toString('base64');
}
