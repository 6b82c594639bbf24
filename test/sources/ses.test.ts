import { expect, it } from 'vitest';
import { Unauthenticated } from '../../functions/core/model/errors.ts';
import { ses } from '../../functions/sources/ses.ts';
import { describeSource, expectAccepted, refusalOf } from './describe-source.ts';
import type { Fixture } from './fixture.ts';
import { fixturesOf, requestOf } from './fixture.ts';
import { CERTIFICATE, publishing, signed, withoutSnsProof } from './sns-signing.ts';

const CERTIFICATE_URL =
  'https://sns.us-east-1.amazonaws.com/SimpleNotificationService-9c6465fa7f48f5cacd23014631ec1136.pem';
const certificates = publishing({ [CERTIFICATE_URL]: CERTIFICATE });

// Whitespace around the message and unsigned fields may change.
describeSource(ses, { certificates, isBodySigned: false, unproven: withoutSnsProof });

const fixtures = fixturesOf('ses');
const [fixture] = fixtures as [Fixture];
const recorded = requestOf(fixture, 'ses');

/** The recorded request, signed again for a topic with a certificate URL. */
function from(TopicArn: string, SigningCertURL: string) {
  const { Signature: _, SignatureVersion: __, ...fields } = JSON.parse(fixture.body);
  return { ...recorded, body: Buffer.from(JSON.stringify(signed({ ...fields, TopicArn, SigningCertURL }))) };
}

it.each([
  ['aws', 'eu-central-1', 'https://sns.eu-central-1.amazonaws.com'],
  ['aws-us-gov', 'us-gov-west-1', 'https://sns.us-gov-west-1.amazonaws.com'],
  ['aws-cn', 'cn-north-1', 'https://sns.cn-north-1.amazonaws.com.cn'],
])('accepts a topic in %s with a certificate of its region', async (partition, region, origin) => {
  const topic = `arn:${partition}:sns:${region}:123456789012:feedback`;
  const url = `${origin}/SimpleNotificationService-0.pem`;

  await expectAccepted(ses, from(topic, url), [topic], { certificates: publishing({ [url]: CERTIFICATE }) });
});

it.each(['other/SimpleNotificationService-0.pem', 'SimpleNotificationService-0.pem/other', '0.pem'])(
  'rejects the certificate %s without fetching it',
  async (file) => {
    const topic = 'arn:aws:sns:us-east-1:1:t';
    const everywhere = publishing({ [`https://sns.us-east-1.amazonaws.com/${file}`]: CERTIFICATE });

    await refusalOf(ses, from(topic, `https://sns.us-east-1.amazonaws.com/${file}`), [topic], {
      certificates: everywhere,
    });
    expect(everywhere.fetched).toEqual([]);
  },
);

it.each([
  ['of another partition', 'arn:aws:sns:cn-north-1:1:t', 'https://sns.cn-north-1.amazonaws.com.cn/'],
  ['of an unknown partition', 'arn:scw:sns:fr-par:1:t', 'https://sns.fr-par.amazonaws.com/'],
  ['of another region', 'arn:aws:sns:us-east-1:1:t', 'https://sns.us-east-2.amazonaws.com/'],
])('rejects a certificate %s without fetching it', async (_what, topic, folder) => {
  const url = `${folder}SimpleNotificationService-0.pem`;
  const everywhere = publishing({ [url]: CERTIFICATE });

  const error = await refusalOf(ses, from(topic, url), [topic], { certificates: everywhere });

  expect(error).toEqual(new Unauthenticated('SigningCertURL does not belong to the topic'));
  expect(everywhere.fetched).toEqual([]);
});

it('has both signature versions among its fixtures', () => {
  const versions = fixtures.map(({ body }) => JSON.parse(body).SignatureVersion);

  expect(new Set(versions)).toEqual(new Set(['1', '2']));
});
