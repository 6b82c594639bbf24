import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createSecretCache } from '../functions/aws/secrets-manager.ts';
import { parseLinkKeys } from '../functions/config/secret-formats.ts';
import { parseEmailAddress } from '../functions/core/model/email-address.ts';
import { createTokenSealer } from '../functions/crypto/sealed-links.ts';
import { SECRET_NAMES } from './secrets.ts';

/** A request exactly as the sender makes it. */
export interface Sample {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Returns the path of a sealed link for an address. */
export const sampleLink = async (email: string): Promise<string> => `/u/${await sampleToken(email)}`;

/** Returns the token of a sealed link, sealed with the keys of the running stack. */
export async function sampleToken(email: string): Promise<string> {
  const clock = () => new Date();
  const keys = createSecretCache(new SecretsManagerClient(), SECRET_NAMES.links, { parse: parseLinkKeys, clock });
  return createTokenSealer(keys).sealLink({ email: parseEmailAddress(email) });
}

/** Returns a sample as a curl command. */
export function curlOf(origin: string, { path, headers, body }: Sample): string {
  const lines = Object.entries(headers).map(([name, value]) => `  -H ${quoted(`${name}: ${value}`)} \\\n`);
  return `curl ${origin}${path} \\\n${lines.join('')}  --data-binary ${quoted(body)}`;
}

/** Options for a curl command: print only the status of the response. */
export const SHOW_STATUS = " \\\n  -s -o /dev/null -w '%{http_code}\\n'";

/** Quotes text for a shell. Line ends and quotes use the `$'…'` form of bash and zsh. */
function quoted(text: string): string {
  return /[\r\n']/.test(text)
    ? `$'${text.replace(/[\\']/g, '\\$&').replaceAll('\r', '\\r').replaceAll('\n', '\\n')}'`
    : `'${text}'`;
}
