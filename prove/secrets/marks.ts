import type { Key } from '../harness/senders.ts';
import { sampleKeyOf } from '../harness/senders.ts';
import { searchFor } from './search.ts';

/** A part of every address, and of every secret, of a run: words that stand nowhere else. */
export const MARKS = { address: 'zq7xaddress', secret: 'zq7xsecret' } as const;
export type Mark = (typeof MARKS)[keyof typeof MARKS];

export const markedEmail = (name: string): string => `${MARKS.address}-${name}@example.com`;

/** Its secret is marked, unless it is none: a public key, the ARN of a topic. */
export function markedKeyOf(source: string): Key {
  const { secret, ...key } = sampleKeyOf(source);
  if (key.privateKey || secret.startsWith('arn:')) return { secret, ...key };
  const text = `${MARKS.secret}-${source}`;
  return { secret: secret.startsWith('whsec_') ? `whsec_${Buffer.from(text).toString('base64')}` : text };
}

export const marksIn = searchFor<Mark>(Object.values(MARKS));

/** A text in every form in which a mark could slip out. */
export function formsOf(text: string): Readonly<Record<string, string>> {
  const bytes = Buffer.from(text);
  return {
    plain: text,
    capitals: text.toUpperCase(),
    percent: [...bytes].map((byte) => `%${byte.toString(16)}`).join(''),
    hex: bytes.toString('hex'),
    'HEX in capitals': bytes.toString('hex').toUpperCase(),
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
