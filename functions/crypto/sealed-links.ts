import { CompactEncrypt, compactDecrypt } from 'jose';
import * as z from 'zod/mini';
import type { SecretCache } from '../aws/secrets-manager.ts';
import type { LinkKey } from '../config/secret-formats.ts';
import type { TokenSealer } from '../core/links/sealed-link.ts';
import { checkLink, isBrand, isLang } from '../core/links/sealed-link.ts';
import { parseEmailAddress } from '../core/model/email-address.ts';
import { InvalidToken, Misconfigured } from '../core/model/errors.ts';
import { isObject } from '../core/payload/fields.ts';
import { parseJson } from '../core/payload/json.ts';

const MAX_TOKEN_LENGTH = 2_048;

/**
 * A token is sealed in whole blocks of this many bytes, so that its length does not show how long its address or brand is. One
 * block holds nearly every link, and a status token with any brand.
 */
const BLOCK_BYTES: Readonly<Record<Purpose, number>> = { link: 128, receipt: 192 };

/** Seals links and status tokens as compact JWE: `dir`, `A256GCM`, with the key id and the purpose in the header. */
export function createTokenSealer(keys: SecretCache<readonly LinkKey[]>): TokenSealer {
  return {
    async sealLink(link) {
      checkLink(link);
      const { email, brand, lang, expiresAt } = link;
      return seal(keys, 'link', { email, brand, lang, exp: expiresAt && Math.floor(expiresAt.getTime() / 1000) });
    },
    async unsealLink(token, now) {
      const { email, brand, lang, exp } = read(linkClaims, await unseal(keys, 'link', token));
      if (exp !== undefined && exp * 1000 <= now.getTime()) throw new InvalidToken('this link has expired');
      return {
        email: parseEmailAddress(email),
        ...(isBrand(brand) ? { brand } : {}),
        ...(isLang(lang) ? { lang } : {}),
      };
    },
    sealStatusToken: (status) => seal(keys, 'receipt', status),
    unsealStatusToken: async (token) => read(statusClaims, await unseal(keys, 'receipt', token)),
  };
}

type Purpose = 'link' | 'receipt';

const linkClaims = z.object({
  email: z.string(),
  brand: z.optional(z.unknown()),
  lang: z.optional(z.unknown()),
  exp: z.optional(z.number()),
});
const statusClaims = z.object({ id: z.string(), receivedAt: z.string(), brand: z.optional(z.string()) });

async function seal(keys: SecretCache<readonly LinkKey[]>, purpose: Purpose, claims: object): Promise<string> {
  const [first] = await keys.get();
  if (!first) throw new InvalidToken('no key is configured');
  const token = await new CompactEncrypt(padded(claims, BLOCK_BYTES[purpose]))
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: first.kid, typ: purpose })
    .encrypt(first.key);
  if (token.length > MAX_TOKEN_LENGTH) throw new Misconfigured("the first key's kid is too long");
  return token;
}

/** JSON ends in any number of spaces. */
function padded(claims: object, blockBytes: number): Uint8Array {
  const json = JSON.stringify(claims);
  const { length } = new TextEncoder().encode(json);
  return new TextEncoder().encode(json + ' '.repeat(Math.ceil(length / blockBytes) * blockBytes - length));
}

async function unseal(keys: SecretCache<readonly LinkKey[]>, purpose: Purpose, token: string): Promise<unknown> {
  if (token.length > MAX_TOKEN_LENGTH) throw invalid(purpose);
  const linkKey = await keyOf(keys, token);
  try {
    if (!linkKey) throw invalid(purpose);
    const options = { keyManagementAlgorithms: ['dir'], contentEncryptionAlgorithms: ['A256GCM'] };
    const { plaintext, protectedHeader } = await compactDecrypt(token, linkKey.key, options);
    if (protectedHeader.typ !== purpose) throw invalid(purpose);
    return JSON.parse(new TextDecoder().decode(plaintext));
  } catch {
    throw invalid(purpose);
  }
}

/** Finds the key by the token's key id. For an unknown id, the secret is fetched again: the key may be new. */
async function keyOf(keys: SecretCache<readonly LinkKey[]>, token: string): Promise<LinkKey | undefined> {
  const kid = kidOf(token);
  if (kid === undefined) return undefined;
  const find = (linkKeys: readonly LinkKey[]) => linkKeys.find((each) => each.kid === kid);
  return find(await keys.get()) ?? find(await keys.refresh());
}

function kidOf(token: string): string | undefined {
  const header = parseJson(Buffer.from(token.split('.', 1)[0] ?? '', 'base64url').toString());
  return isObject(header) && typeof header.kid === 'string' ? header.kid : undefined;
}

function read<Value>(schema: z.ZodMiniType<Value>, claims: unknown): Value {
  const result = z.safeParse(schema, claims);
  if (!result.success) throw new InvalidToken('this link is not valid');
  return result.data;
}

function invalid(purpose: Purpose): InvalidToken {
  return new InvalidToken(`this ${purpose} is not valid`);
}
