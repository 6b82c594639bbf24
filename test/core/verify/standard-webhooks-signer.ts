import { createHmac, createPrivateKey, sign as signEd25519 } from 'node:crypto';

export const SHARED_SECRET = 'whsec_lGco7teym+P4k6S8d18hnt09ADm4XOsEiJy+zPY9LsM=';
export const PUBLIC_KEY = 'whpk_VZPne6JdS+pG3E0C7t7fNvAUUhy2Vh+ap7c2s7WdH54=';
/** The private key of `PUBLIC_KEY`, made for these tests. */
const PRIVATE_KEY = 'MC4CAQAwBQYDK2VwBCIEIH5rnbYM/sClqEjMj/LsT5LbKems3Lordajz3Y5Dw4fN';

export const MESSAGE_ID = 'msg_1';

/** Signs as `v1` with any shared secret. */
export function v1(secret: string, signed: string | Uint8Array): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  return `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
}

/** Signs as `v1a` with the private key of `PUBLIC_KEY`. */
export function v1a(signed: Uint8Array): string {
  const key = createPrivateKey({ key: Buffer.from(PRIVATE_KEY, 'base64'), format: 'der', type: 'pkcs8' });
  return `v1a,${signEd25519(null, signed, key).toString('base64')}`;
}

/** Signs as Standard Webhooks specifies; `prefix` begins the header names. */
export function standardSigner(prefix: 'webhook' | 'svix') {
  return (body: Uint8Array, at: Date, secret = SHARED_SECRET): Readonly<Record<string, string>> => {
    const timestamp = String(Math.floor(at.getTime() / 1000));
    const signed = Buffer.concat([Buffer.from(`${MESSAGE_ID}.${timestamp}.`), body]);
    return {
      [`${prefix}-id`]: MESSAGE_ID,
      [`${prefix}-timestamp`]: timestamp,
      [`${prefix}-signature`]: secret === PUBLIC_KEY ? v1a(signed) : v1(secret, signed),
    };
  };
}
