import type { SNSClient } from '@aws-sdk/client-sns';
import { ConfirmSubscriptionCommand } from '@aws-sdk/client-sns';
import { Unavailable } from '../core/model/errors.ts';

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
export function createSns(clientOf: (region: string) => SNSClient, fetchIt: typeof fetch): Sns {
  return {
    async confirm(topicArn, token) {
      try {
        if (topicArn.startsWith('arn:scw:')) await confirmAtScaleway(topicArn, token, fetchIt);
        else await confirmAtAmazon(topicArn, token, clientOf(regionOf(topicArn)));
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
async function confirmAtScaleway(TopicArn: string, Token: string, fetchIt: typeof fetch): Promise<void> {
  const query = new URLSearchParams({ Action: 'ConfirmSubscription', TopicArn, Token });
  const url = `https://sns.mnq.${regionOf(TopicArn)}.scaleway.com/?${query}`;
  const { ok } = await fetchIt(url, { redirect: 'error', signal: AbortSignal.timeout(TIME_LIMIT_MS) });
  if (!ok) throw new Error('refused');
}

function regionOf(topicArn: string): string {
  const [, region] = /^arn:[a-z-]+:sns:([a-z0-9-]+):/.exec(topicArn) ?? [];
  if (region === undefined) throw new Error('not a topic');
  return region;
}
