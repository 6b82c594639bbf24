import { expect, it } from 'vitest';
import { Unauthenticated } from '../../functions/core/model/errors.ts';
import { ses } from '../../functions/sources/ses.ts';
import { describeSource, refusalOf } from './describe-source.ts';
import type { Fixture } from './fixture.ts';
import { fixturesOf, requestOf } from './fixture.ts';
import { CERTIFICATE, publishing, signed, withoutSnsProof } from './sns-signing.ts';

const CERTIFICATE_URL =
  'https://sns.us-east-1.amazonaws.com/SimpleNotificationService-9c6465fa7f48f5cacd23014631ec1136.pem';
const certificates = publishing({ [CERTIFICATE_URL]: CERTIFICATE });

// White space around the message, and what SNS does not sign, may change.
describeSource(ses, { certificates, isBodySigned: false, unproven: withoutSnsProof });

const fixtures = fixturesOf('ses');
const [fixture] = fixtures as [Fixture];
const recorded = requestOf(fixture, 'ses');

/** The recorded request, signed anew for a topic with the certificate at a URL. */
function from(TopicArn: string, SigningCertURL: string) {
  const { Signature: _, SignatureVersion: __, ...fields } = JSON.parse(fixture.body);
  return { ...recorded, body: Buffer.from(JSON.stringify(signed({ ...fields, TopicArn, SigningCertURL }))) };
}

it.each([
  ['aws', 'eu-central-1', 'https://sns.eu-central-1.amazonaws.com'],
  ['aws-us-gov', 'us-gov-west-1', 'https://sns.us-gov-west-1.amazonaws.com'],
  ['aws-cn', 'cn-north-1', 'https://sns.cn-north-1.amazonaws.com.cn'],
])('lets a topic of %s speak with a certificate of its region', async (partition, region, origin) => {
  const topic = `arn:${partition}:sns:${region}:123456789012:feedback`;
  const url = `${origin}/SimpleNotificationService-0.pem`;

  await ses.verify(from(topic, url), [topic], publishing({ [url]: CERTIFICATE }));
});

it.each(['other/SimpleNotificationService-0.pem', 'SimpleNotificationService-0.pem/other', '0.pem'])(
  'refuses the certificate %s, and does not fetch it',
  async (file) => {
    const topic = 'arn:aws:sns:us-east-1:1:t';
    const everywhere = publishing({ [`https://sns.us-east-1.amazonaws.com/${file}`]: CERTIFICATE });

    await refusalOf(ses, from(topic, `https://sns.us-east-1.amazonaws.com/${file}`), [topic], {
      certificates: everywhere,
    });
    expect(everywhere.asked).toEqual([]);
  },
);

it.each([
  ['of another partition', 'arn:aws:sns:cn-north-1:1:t', 'https://sns.cn-north-1.amazonaws.com.cn/'],
  ['of a partition that is not known', 'arn:scw:sns:fr-par:1:t', 'https://sns.fr-par.amazonaws.com/'],
  ['of another region', 'arn:aws:sns:us-east-1:1:t', 'https://sns.us-east-2.amazonaws.com/'],
])('refuses a certificate %s, and does not fetch it', async (_what, topic, folder) => {
  const url = `${folder}SimpleNotificationService-0.pem`;
  const everywhere = publishing({ [url]: CERTIFICATE });

  const error = await refusalOf(ses, from(topic, url), [topic], { certificates: everywhere });

  expect(error).toEqual(new Unauthenticated('SigningCertURL does not belong to the topic'));
  expect(everywhere.asked).toEqual([]);
});

it('has both signature versions among its fixtures', () => {
  const versions = fixtures.map(({ body }) => JSON.parse(body).SignatureVersion);

  expect(new Set(versions)).toEqual(new Set(['1', '2']));
});
