import { expect, it } from 'vitest';
import { Unreadable } from '../../functions/core/model/errors.ts';
import { scaleway } from '../../functions/sources/scaleway.ts';
import { describeSource, expectAccepted, refusalOf } from './describe-source.ts';
import type { Fixture } from './fixture.ts';
import { fixturesOf, requestOf } from './fixture.ts';
import { AUTHORITIES, CERTIFICATE, KEY, publishing, STRANGER, signed, withoutSnsProof } from './sns-signing.ts';

const FOLDER = 'https://messaging.s3.fr-par.scw.cloud/fr-par/sns/';
const CERTIFICATE_URL = `${FOLDER}sns_certificate_123.crt`;
const AUTHORITIES_URL = `${FOLDER}sns-trust-chain.pem`;
const certificates = publishing({ [CERTIFICATE_URL]: CERTIFICATE, [AUTHORITIES_URL]: AUTHORITIES });

// Whitespace around the message and unsigned fields may change.
describeSource(scaleway, { certificates, isBodySigned: false, unproven: withoutSnsProof });

const [fixture] = fixturesOf('scaleway') as [Fixture];
const recorded = requestOf(fixture, 'scaleway');

/** The recorded request with other fields, signed again. */
function saying(change: object, key = KEY) {
  const { Signature: _, SignatureVersion: __, ...fields } = JSON.parse(fixture.body);
  return { ...recorded, body: Buffer.from(JSON.stringify(signed({ ...fields, ...change }, { key }))) };
}

async function read(event: object) {
  const request = saying({ Message: JSON.stringify(event) });
  return scaleway.read(await scaleway.verify(request, [fixture.secret], certificates));
}

it('accepts a topic in Amsterdam, whose certificates are in the same bucket', async () => {
  const TopicArn = 'arn:scw:sns:nl-ams:project-1:optout-relay';
  const folder = FOLDER.replace('/fr-par/', '/nl-ams/');
  const SigningCertURL = `${folder}sns_certificate_7.pem`;
  const there = publishing({ [SigningCertURL]: CERTIFICATE, [`${folder}sns-trust-chain.pem`]: AUTHORITIES });

  await expectAccepted(scaleway, saying({ TopicArn, SigningCertURL }), [TopicArn], { certificates: there });
});

it('rejects a valid signature with a certificate that Scaleway’s authorities did not issue', async () => {
  const strange = publishing({ [CERTIFICATE_URL]: STRANGER.certificate, [AUTHORITIES_URL]: AUTHORITIES });

  await refusalOf(scaleway, saying({}, STRANGER.key), [fixture.secret], { certificates: strange });
});

it.each([
  'https://messaging.s3.nl-ams.scw.cloud/fr-par/sns/a.pem',
  'https://attacker.s3.fr-par.scw.cloud/fr-par/sns/a.pem',
  'https://messaging.s3.fr-par.scw.cloud/nl-ams/sns/a.pem',
  'https://messaging.s3.fr-par.scw.cloud/fr-par/sns/../a.pem',
  'https://messaging.s3.fr-par.scw.cloud/a.pem',
  'https://messaging.s3.fr-par.scw.cloud/fr-par/sns/a.pem/other',
])('rejects a certificate from %s', async (SigningCertURL) => {
  const everywhere = publishing({ [SigningCertURL]: CERTIFICATE, [AUTHORITIES_URL]: AUTHORITIES });

  await refusalOf(scaleway, saying({ SigningCertURL }), [fixture.secret], { certificates: everywhere });
  expect(everywhere.fetched).toEqual([]);
});

it('rejects a topic of AWS', async () => {
  const TopicArn = 'arn:aws:sns:fr-par:1:optout-relay';

  await refusalOf(scaleway, saying({ TopicArn }), [TopicArn], { certificates });
});

const known = { id: 'e1', email_to: 'ada@example.com', created_at: '2026-11-02T10:00:00Z' };

it.each([
  ['unknown_type', known, ['ignored']],
  ['constructor', known, ['ignored']],
  ['unknown_type', { ...known, email_to: undefined }, []],
])('gives no opt-out for %s', async (type, event, kinds) => {
  const { signals, unreadable } = await read({ ...event, type });

  expect(signals.map(({ kind }) => kind)).toEqual(kinds);
  expect(unreadable).toEqual([]);
});

it('reports a hard bounce without an address as unreadable', async () => {
  expect(await read({ ...known, type: 'email_mailbox_not_found', email_to: undefined })).toEqual({
    signals: [],
    unreadable: ['event 1: the email address is not valid'],
  });
});

it('reports a manually published message as unreadable', async () => {
  const verified = await scaleway.verify(saying({ Message: 'Hello world!' }), [fixture.secret], certificates);

  expect(() => scaleway.read(verified)).toThrow(Unreadable);
});
