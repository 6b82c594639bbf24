import { CompactEncrypt, compactDecrypt } from 'jose';
import * as z from 'zod/mini';
import type { SecretCache } from '../aws/secrets-manager.ts';
import type { LinkKey } from '../config/secret-formats.ts';
import type { TokenSealer } from '../core/links/sealed-link.ts';
import { checkLink, isBrand, isLang } from '../core/links/sealed-link.ts';
import { parseEmailAddress } from '../core/model/email-address.ts';
import { InvalidToken, Misconfigured } from '../core/model/errors.ts';

const MAX_TOKEN_LENGTH = 2_048;

/** Compact JWE: `dir`, `A256GCM`, the key's id and what the token is for in the header. */
export function createTokenSealer(keys: SecretCache<readonly LinkKey[]>): TokenSealer {
  return {
    async sealLink(link) {
      checkLink(link);
      const { email, brand, lang, expiresAt } = link;
      return seal(keys, 'link', { email, brand, lang, exp: expiresAt && Math.floor(expiresAt.getTime() / 1000) });
    },
    async unsealLink(token, now) {
      const { email, brand, lang, exp } = read(linkClaims, await open(keys, 'link', token));
      if (exp !== undefined && exp * 1000 <= now.getTime()) throw new InvalidToken('this link has expired');
      return {
        email: parseEmailAddress(email),
        ...(isBrand(brand) ? { brand } : {}),
        ...(isLang(lang) ? { lang } : {}),
      };
    },
    sealStatusToken: (receipt) => seal(keys, 'receipt', receipt),
    unsealStatusToken: async (token) => read(receiptClaims, await open(keys, 'receipt', token)),
  };
}

type Purpose = 'link' | 'receipt';

const linkClaims = z.object({
  email: z.string(),
  brand: z.optional(z.unknown()),
  lang: z.optional(z.unknown()),
  exp: z.optional(z.number()),
});
const receiptClaims = z.object({ id: z.string(), receivedAt: z.string(), brand: z.optional(z.string()) });

async function seal(keys: SecretCache<readonly LinkKey[]>, purpose: Purpose, claims: object): Promise<string> {
  const [first] = await keys.get();
  if (!first) throw new InvalidToken('there is no key to seal with');
  const token = await new CompactEncrypt(new TextEncoder().encode(JSON.stringify(claims)))
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: first.kid, typ: purpose })
    .encrypt(first.key);
  if (token.length > MAX_TOKEN_LENGTH) throw new Misconfigured("the first key's kid is too long");
  return token;
}

async function open(keys: SecretCache<readonly LinkKey[]>, purpose: Purpose, token: string): Promise<unknown> {
  if (token.length > MAX_TOKEN_LENGTH) throw invalid(purpose);
  const known = await keyOf(keys, token);
  try {
    if (!known) throw invalid(purpose);
    const options = { keyManagementAlgorithms: ['dir'], contentEncryptionAlgorithms: ['A256GCM'] };
    const { plaintext, protectedHeader } = await compactDecrypt(token, known.key, options);
    if (protectedHeader.typ !== purpose) throw invalid(purpose);
    return JSON.parse(new TextDecoder().decode(plaintext));
  } catch {
    throw invalid(purpose);
  }
}

/** The key a token names; the secret is read again for a name we do not know yet. */
async function keyOf(keys: SecretCache<readonly LinkKey[]>, token: string): Promise<LinkKey | undefined> {
  const kid = kidOf(token);
  if (kid === undefined) return undefined;
  const named = (known: readonly LinkKey[]) => known.find((each) => each.kid === kid);
  return named(await keys.get()) ?? named(await keys.refresh());
}

function kidOf(token: string): string | undefined {
  try {
    const header = JSON.parse(Buffer.from(token.split('.', 1)[0] ?? '', 'base64url').toString());
    return typeof header?.kid === 'string' ? header.kid : undefined;
  } catch {
    return undefined;
  }
}

function read<Value>(schema: z.ZodMiniType<Value>, claims: unknown): Value {
  const result = z.safeParse(schema, claims);
  if (!result.success) throw new InvalidToken('this link is not valid');
  return result.data;
}

function invalid(purpose: Purpose): InvalidToken {
  return new InvalidToken(`this ${purpose} is not valid`);
}
