import { createHmac, createSign, randomUUID } from 'node:crypto';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createSecretCache } from '../functions/aws/secrets-manager.ts';
import { parseLinkKeys } from '../functions/config/secret-formats.ts';
import { parseEmailAddress } from '../functions/core/model/email-address.ts';
import { createTokenSealer } from '../functions/crypto/sealed-links.ts';
import { sampleKey, sampleSourceSecrets } from './sample-secrets.ts';
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

/** Returns a signed unsubscribe event as SendGrid's Event Webhook posts it. */
export function sendgridSample(email: string, now: Date): Sample {
  const timestamp = Math.floor(now.getTime() / 1000);
  return signedBySendgrid([{ email, event: 'unsubscribe', timestamp, sg_event_id: randomUUID() }], now);
}

/** Returns a batch of SendGrid events, signed with the sample key. */
export function signedBySendgrid(events: readonly object[], now: Date): Sample {
  const timestamp = `${Math.floor(now.getTime() / 1000)}`;
  const body = `${JSON.stringify(events)}\r\n`;
  return {
    path: '/webhooks/sendgrid',
    headers: {
      'content-type': 'application/json',
      'x-twilio-email-event-webhook-timestamp': timestamp,
      'x-twilio-email-event-webhook-signature': createSign('sha256')
        .update(timestamp + body)
        .sign(sampleKey('sendgrid'), 'base64'),
    },
    body,
  };
}

/** Returns an opt-out signed with Standard Webhooks, as your own system posts it. */
export function standardWebhooksSample(email: string, now: Date): Sample {
  const id = `msg_${randomUUID()}`;
  const timestamp = `${Math.floor(now.getTime() / 1000)}`;
  const body = JSON.stringify({ type: 'contact.unsubscribed', timestamp: now.toISOString(), data: { email } });
  const [secret = ''] = sampleSourceSecrets()['standard-webhooks'] ?? [];
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return {
    path: '/webhooks/standard-webhooks',
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': `v1,${signature}`,
    },
    body,
  };
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
