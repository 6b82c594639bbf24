import { createHmac, createSign, randomUUID } from 'node:crypto';
import type { Sample } from '../local/samples.ts';
import { sampleKey, sampleSourceSecrets } from './sample-secrets.ts';

/** Returns a signed unsubscribe event as SendGrid's Event Webhook posts it. */
export function sendgridSample(email: string, now: Date): Sample {
  const timestamp = Math.floor(now.getTime() / 1000);
  return signedBySendgrid([{ email, event: 'unsubscribe', timestamp, sg_event_id: randomUUID() }], now);
}

/** Returns a signed batch of SendGrid events. */
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
