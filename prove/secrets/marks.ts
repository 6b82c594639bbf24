import type { SenderKey } from '../harness/sender-signatures.ts';
import { sampleKeyOf } from '../harness/senders.ts';
import { searchFor } from './search.ts';

/** Unique texts that are part of every address and every secret of a run. */
export const MARKS = { address: 'zq7xaddress', secret: 'zq7xsecret' } as const;
export type Mark = (typeof MARKS)[keyof typeof MARKS];

export const markedEmail = (name: string): string => `${MARKS.address}-${name}@example.com`;

/** Returns the key of a source with a marked secret. Public keys and topic ARNs are not secret, and not marked. */
export function markedKeyOf(source: string): SenderKey {
  const { secret, ...key } = sampleKeyOf(source);
  if (key.privateKey || secret.startsWith('arn:')) return { secret, ...key };
  const text = `${MARKS.secret}-${source}`;
  return { secret: secret.startsWith('whsec_') ? `whsec_${Buffer.from(text).toString('base64')}` : text };
}

export const marksIn = searchFor<Mark>(Object.values(MARKS));

/** Returns a text in every encoding in which a mark could leak. */
export function encodingsOf(text: string): Readonly<Record<string, string>> {
  const bytes = Buffer.from(text);
  return {
    plain: text,
    'upper case': text.toUpperCase(),
    percent: [...bytes].map((byte) => `%${byte.toString(16)}`).join(''),
    hex: bytes.toString('hex'),
    'upper-case hex': bytes.toString('hex').toUpperCase(),
    ...Object.fromEntries(
      [0, 1, 2].flatMap((offset) => {
        const shifted = Buffer.concat([Buffer.alloc(offset, '?'), bytes, Buffer.alloc(2, '?')]);
        return [
          [`base64 at ${offset}`, shifted.toString('base64')],
          [`base64url at ${offset}`, shifted.toString('base64url')],
        ];
      }),
    ),
  };
}
