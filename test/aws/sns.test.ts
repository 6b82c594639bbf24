import { SNSClient } from '@aws-sdk/client-sns';
import { describe, expect, it } from 'vitest';
import { createSns } from '../../functions/aws/sns.ts';
import { Unavailable } from '../../functions/core/model/errors.ts';
import { allOf, aws, listening, thrownBy } from './listening.ts';

const TOPIC = 'arn:aws:sns:eu-west-1:123456789012:feedback';
const SCALEWAY_TOPIC = 'arn:scw:sns:nl-ams:project-1:feedback';
const TOKEN = 'shibboleth+/=';

const CONFIRMED = `<ConfirmSubscriptionResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/">
  <ConfirmSubscriptionResult><SubscriptionArn>${TOPIC}:1</SubscriptionArn></ConfirmSubscriptionResult>
</ConfirmSubscriptionResponse>`;
const EXPIRED = `<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/">
  <Error><Type>Sender</Type><Code>InvalidParameter</Code><Message>Invalid token ${TOKEN}</Message></Error>
</ErrorResponse>`;

type Answer = Parameters<typeof listening>[0];

/** Creates the client with a test server as SNS and Scaleway, and records the regions of the requests. */
async function sns(answer: Answer) {
  const { url, requests } = await listening(answer);
  const regions: string[] = [];
  const visited: string[] = [];
  const clientOf = (region: string) => {
    regions.push(region);
    return new SNSClient({ ...aws(url), region });
  };
  const local: typeof fetch = (input, init) => {
    visited.push(String(input));
    return fetch(String(input).replace(/^https:\/\/[^/]+/, url), init);
  };
  return { ...createSns(clientOf, local), requests, regions, visited };
}

describe('an SNS topic', () => {
  it('is confirmed in its own region, with AuthenticateOnUnsubscribe', async () => {
    const { confirm, requests, regions, visited } = await sns((response) => response.end(CONFIRMED));

    await confirm(TOPIC, TOKEN);

    expect(regions).toEqual(['eu-west-1']);
    expect(requests.map(({ method, path }) => [method, path])).toEqual([['POST', '/']]);
    expect(Object.fromEntries(new URLSearchParams(requests[0]?.body))).toEqual({
      Action: 'ConfirmSubscription',
      Version: '2010-03-31',
      TopicArn: TOPIC,
      Token: TOKEN,
      AuthenticateOnUnsubscribe: 'true',
    });
    expect(requests[0]?.headers.authorization).toContain('/eu-west-1/sns/aws4_request');
    expect(visited).toEqual([]);
  });

  it('is unavailable if SNS rejects the token, and the error contains neither token nor topic', async () => {
    const { confirm } = await sns((response) => response.writeHead(400).end(EXPIRED));

    const error = await thrownBy(() => confirm(TOPIC, TOKEN));

    expect(error).toBeInstanceOf(Unavailable);
    expect(error.message).toMatch(/^could not confirm the subscription: InvalidParameter\w*$/);
    expect(allOf(error)).not.toMatch(/shibboleth|feedback/);
  });

  it('is unavailable if there is no response', async () => {
    const { confirm } = await sns((response) => response.destroy());

    expect(await thrownBy(() => confirm(TOPIC, TOKEN))).toBeInstanceOf(Unavailable);
  });

  it.each([
    '',
    'feedback',
    'arn:aws:sns',
    'arn:aws:sns:eu/west:1:feedback',
    'arn:scw:sns:evil.example.com/:1:feedback',
  ])('is unavailable and not requested if its name is %j', async (topic) => {
    const { confirm, requests, regions, visited } = await sns((response) => response.end(CONFIRMED));

    expect(await thrownBy(() => confirm(topic, TOKEN))).toBeInstanceOf(Unavailable);
    expect([requests, regions, visited]).toEqual([[], [], []]);
  });
});

describe('a Scaleway topic', () => {
  it('is confirmed at Scaleway without AWS credentials', async () => {
    const { confirm, requests, regions, visited } = await sns((response) => response.end(CONFIRMED));

    await confirm(SCALEWAY_TOPIC, TOKEN);

    const { origin, pathname, searchParams } = new URL(visited[0] ?? '');
    expect([origin, pathname]).toEqual(['https://sns.mnq.nl-ams.scaleway.com', '/']);
    expect(Object.fromEntries(searchParams)).toEqual({
      Action: 'ConfirmSubscription',
      TopicArn: SCALEWAY_TOPIC,
      Token: TOKEN,
    });
    expect(requests).toMatchObject([{ method: 'GET', body: '' }]);
    expect(requests[0]?.headers).not.toHaveProperty('authorization');
    expect(regions).toEqual([]);
  });

  it.each<[string, Answer]>([
    ['refuses', (response) => response.writeHead(403).end()],
    ['points elsewhere', (response) => response.writeHead(302, { location: '/' }).end()],
    ['breaks off', (response) => response.destroy()],
  ])('is unavailable if it %s', async (_what, answer) => {
    const { confirm, requests } = await sns(answer);

    const error = await thrownBy(() => confirm(SCALEWAY_TOPIC, TOKEN));

    expect(error).toBeInstanceOf(Unavailable);
    expect(allOf(error)).not.toMatch(/shibboleth|feedback/);
    expect(requests).toHaveLength(1);
  });
});
