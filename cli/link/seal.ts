import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createSecretCache } from '../../functions/aws/secrets-manager.ts';
import { parseLinkKeys } from '../../functions/config/secret-formats.ts';
import type { Common } from '../../functions/core/links/issue-links.ts';
import type { ReadyLink } from '../../functions/core/links/list-unsubscribe.ts';
import { readyLink } from '../../functions/core/links/list-unsubscribe.ts';
import { parseEmailAddress } from '../../functions/core/model/email-address.ts';
import { createTokenSealer } from '../../functions/crypto/sealed-links.ts';
import { relayConfig } from '../../relay.config.ts';
import { environmentOf } from '../environment.ts';

/** Throws Unreadable when the address is none. */
export type SealAddress = (email: string, common: Common) => Promise<ReadyLink>;

/**
 * Seals with the keys of the `links` secret of the relay that the environment names, or the file in its place. They have been
 * read once when this resolves. Throws Usage when no relay is named, Unavailable and Misconfigured as the secret does.
 */
export async function createSealAddress(envFile: string | undefined): Promise<SealAddress> {
  const env = environmentOf(envFile, 'PUBLIC_URL', 'LINKS_SECRET');
  const clock = () => new Date();
  const keys = createSecretCache(new SecretsManagerClient(), env.LINKS_SECRET, { parse: parseLinkKeys, clock });
  await keys.get();
  const { sealLink } = createTokenSealer(keys);
  return async (email, common) => {
    const token = await sealLink({ ...common, email: parseEmailAddress(email) });
    return readyLink(env.PUBLIC_URL, token, relayConfig.mailbox);
  };
}
