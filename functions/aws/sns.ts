import type { SNSClient } from '@aws-sdk/client-sns';
import { ConfirmSubscriptionCommand } from '@aws-sdk/client-sns';
import { Unavailable } from '../core/model/errors.ts';

/** SNS topics that post to a webhook of the relay. */
export interface Sns {
  /** Confirms the subscription with the token that the topic sent. Throws Unavailable if that fails. */
  confirm(topicArn: string, token: string): Promise<void>;
}

const TIME_LIMIT_MS = 3_000;

/**
 * `clientOf` creates a client for a region: a topic is confirmed in its own region, which may differ from the relay's.
 * Scaleway's topics (`arn:scw:…`) are confirmed at Scaleway, without credentials.
 */
export function createSns(clientOf: (region: string) => SNSClient, fetchIt: typeof fetch): Sns {
  return {
    async confirm(topicArn, token) {
      try {
        if (topicArn.startsWith('arn:scw:')) await confirmAtScaleway(topicArn, token, fetchIt);
        else await confirmAtAmazon(topicArn, token, clientOf(regionOf(topicArn)));
      } catch (error) {
        // The error's message may contain the topic or the token.
        const reason = error instanceof Error ? error.name : 'unknown';
        throw new Unavailable(`could not confirm the subscription: ${reason}`);
      }
    },
  };
}

/** `AuthenticateOnUnsubscribe`: only the topic's AWS account can end the subscription. */
async function confirmAtAmazon(TopicArn: string, Token: string, client: SNSClient): Promise<void> {
  try {
    await client.send(new ConfirmSubscriptionCommand({ TopicArn, Token, AuthenticateOnUnsubscribe: 'true' }));
  } finally {
    client.destroy();
  }
}

/** @see https://www.scaleway.com/en/docs/topics-and-events/how-to/create-manage-subscriptions/ */
async function confirmAtScaleway(TopicArn: string, Token: string, fetchIt: typeof fetch): Promise<void> {
  const query = new URLSearchParams({ Action: 'ConfirmSubscription', TopicArn, Token });
  const url = `https://sns.mnq.${regionOf(TopicArn)}.scaleway.com/?${query}`;
  const { ok } = await fetchIt(url, { redirect: 'error', signal: AbortSignal.timeout(TIME_LIMIT_MS) });
  if (!ok) throw new Error('rejected');
}

function regionOf(topicArn: string): string {
  const [, region] = /^arn:[a-z-]+:sns:([a-z0-9-]+):/.exec(topicArn) ?? [];
  if (region === undefined) throw new Error('not a topic');
  return region;
}
