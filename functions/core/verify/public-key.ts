import { createPublicKey, createVerify } from 'node:crypto';
import type { RawRequest } from '../payload/http.ts';
import type { Source } from './source.ts';
import { requiredHeader, verifyWith } from './verify.ts';

/** How a sender signs with a private key, RSA or ECDSA. The secret of the source is the public key: base64 of DER (SPKI). */
export interface PublicKeyScheme {
  /** The header that carries the signature, base64. Lower-case. */
  readonly header: string;
  /** @default 'sha256' */
  readonly hash?: 'sha256' | 'sha1';
  /** The signed bytes, in order. @default the body */
  readonly signed?: (request: RawRequest) => readonly (string | Uint8Array)[];
}

/** Makes a verifier for a public-key signature. */
export function publicKeySignature({ header, hash = 'sha256', signed = bodyOf }: PublicKeyScheme): Source['verify'] {
  return (request, secrets) => {
    const signature = requiredHeader(request, header);
    const parts = signed(request);
    return verifyWith(request, secrets, (secret) => {
      const key = createPublicKey({ key: Buffer.from(secret, 'base64'), format: 'der', type: 'spki' });
      const verifier = createVerify(hash);
      for (const part of parts) verifier.update(part);
      return verifier.verify(key, signature, 'base64');
    });
  };
}

const bodyOf = (request: RawRequest): readonly Uint8Array[] => [request.body];
