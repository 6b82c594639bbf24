import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createSecretCache } from '../../functions/aws/secrets-manager.ts';
import { parseLinkKeys } from '../../functions/config/secret-formats.ts';
import type { Common } from '../../functions/core/links/issue-links.ts';
import type { ReadyLink } from '../../functions/core/links/list-unsubscribe.ts';
import { readyLink } from '../../functions/core/links/list-unsubscribe.ts';
import { parseEmailAddress } from '../../functions/core/model/email-address.ts';
import { createTokenSealer } from '../../functions/crypto/sealed-links.ts';
import { relayConfig } from '../../relay.config.ts';
import { requireEnvironment } from '../environment.ts';

/** Creates the link of an address. @throws Unreadable if the address is not valid */
export type SealAddress = (email: string, common: Common) => Promise<ReadyLink>;

/**
 * Reads the keys of the `links` secret once, so that a missing secret is reported before any output is written.
 * @throws UsageError if a variable is missing
 * @throws Unavailable, Misconfigured if the secret cannot be read
 */
export async function createSealAddress(envFile: string | undefined): Promise<SealAddress> {
  const env = requireEnvironment(envFile, 'PUBLIC_URL', 'LINKS_SECRET');
  const clock = () => new Date();
  const keys = createSecretCache(new SecretsManagerClient(), env.LINKS_SECRET, { parse: parseLinkKeys, clock });
  await keys.get();
  const { sealLink } = createTokenSealer(keys);
  return async (email, common) => {
    const token = await sealLink({ ...common, email: parseEmailAddress(email) });
    return readyLink(env.PUBLIC_URL, token, relayConfig.mailbox);
  };
}
