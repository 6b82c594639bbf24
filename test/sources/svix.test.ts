import { expect, it } from 'vitest';
import { standardWebhooks } from '../../functions/sources/standard-webhooks.ts';
import { svix } from '../../functions/sources/svix.ts';
import { AT, NOWHERE, request } from '../core/examples.ts';
import { MESSAGE_ID, SHARED_SECRET, standardSigner } from '../core/verify/standard-webhooks-signer.ts';
import { describeSource, refusalOf } from './describe-source.ts';

const sign = standardSigner('svix');

describeSource(svix, { sign, toleranceSeconds: 300 });

function asking(text: string, headers = sign(Buffer.from(text), AT)) {
  return request(text, { headers });
}

async function read(text: string) {
  return svix.read(await svix.verify(asking(text), [SHARED_SECRET], NOWHERE));
}

const UNSUBSCRIBED = '{"type":"contact.unsubscribed","data":{"email":"ada@example.com"}}';

it('uses the message id and the signed time if the event has none', async () => {
  expect((await read(UNSUBSCRIBED)).signals).toMatchObject([{ eventKey: MESSAGE_ID, occurredAt: AT }]);
});

it.each([
  ['no address', '{"type":"opt_out","data":{}}', 'the email address is not valid'],
  ['no type', '{"data":{"email":"ada@example.com"}}', 'type is missing'],
  ['a time without a time zone', UNSUBSCRIBED.replace('{', '{"timestamp":"2026-11-02",'), 'timestamp is not a time'],
])('reports a payload with %s as unreadable', async (_what, text, reason) => {
  await expect(read(text)).rejects.toThrow(expect.objectContaining({ name: 'Unreadable', message: reason }));
});

it('rejects the header names of Standard Webhooks', async () => {
  await refusalOf(svix, asking(UNSUBSCRIBED, standardSigner('webhook')(Buffer.from(UNSUBSCRIBED), AT)), [
    SHARED_SECRET,
  ]);
  await refusalOf(standardWebhooks, asking(UNSUBSCRIBED), [SHARED_SECRET]);
});
