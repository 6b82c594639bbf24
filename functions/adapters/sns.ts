import type { SNSClient } from '@aws-sdk/client-sns';
import { ConfirmSubscriptionCommand } from '@aws-sdk/client-sns';
import { Unavailable } from '../core/errors.ts';

/** The topics that post to us. */
export interface Sns {
  /** Resolves once the topic sends to us, with the token it sent; throws Unavailable when it refuses. */
  confirm(topicArn: string, token: string): Promise<void>;
}

const TIME_LIMIT_MS = 3_000;

/**
 * A topic is confirmed in its own region, which may be another than ours, so `clientOf` makes a client of a region; a
 * subscription is confirmed once in its life. A topic of Scaleway (`arn:scw:…`) is confirmed there, without credentials.
 */
export function openSns(clientOf: (region: string) => SNSClient, fetchIt: typeof fetch): Sns {
  return {
    async confirm(topicArn, token) {
      const [, partition, , region = ''] = topicArn.split(':');
      try {
        if (partition === 'scw') await confirmAtScaleway(topicArn, token, fetchIt);
        else await confirmAtAmazon(topicArn, token, clientOf(region));
      } catch (error) {
        // Its message would hold the topic or the token.
        const reason = error instanceof Error ? error.name : 'unknown';
        throw new Unavailable(`the subscription cannot be confirmed: ${reason}`);
      }
    },
  };
}

/** Whoever wants to end a subscription that was confirmed like this must be somebody whom the topic's account lets. */
async function confirmAtAmazon(TopicArn: string, Token: string, client: SNSClient): Promise<void> {
  try {
    await client.send(new ConfirmSubscriptionCommand({ TopicArn, Token, AuthenticateOnUnsubscribe: 'true' }));
  } finally {
    client.destroy();
  }
}

/** https://www.scaleway.com/en/docs/topics-and-events/how-to/create-manage-subscriptions/ */
async function confirmAtScaleway(topicArn: string, token: string, fetchIt: typeof fetch): Promise<void> {
  const [, region] = /^arn:scw:sns:([a-z]{2}-[a-z]{3}):/.exec(topicArn) ?? [];
  const url = new URL(`https://sns.mnq.${region}.scaleway.com/`);
  url.search = new URLSearchParams({ Action: 'ConfirmSubscription', TopicArn: topicArn, Token: token }).toString();
  const { ok } = await fetchIt(url, { redirect: 'error', signal: AbortSignal.timeout(TIME_LIMIT_MS) });
  if (!ok) throw new Error('refused');
}
