import { expect, it } from 'vitest';
import type { VerifiedRequest } from '../../functions/core/verify/verify.ts';
import { standardWebhooks } from '../../functions/sources/standard-webhooks.ts';
import { svix } from '../../functions/sources/svix.ts';
import { AT, NOWHERE, request } from '../core/examples.ts';
import { MESSAGE_ID, SHARED_SECRET, standardSigner } from '../core/verify/standard-webhooks-signer.ts';
import { describeSource, expectAccepted } from './describe-source.ts';

const sign = standardSigner('svix');

describeSource(svix(), { sign, toleranceSeconds: 300 });

function asking(text: string, headers = sign(Buffer.from(text), AT)) {
  return request(text, { headers });
}

async function read(text: string) {
  return svix().read(await svix().verify(asking(text), [SHARED_SECRET], NOWHERE));
}

const UNSUBSCRIBED = '{"type":"contact.unsubscribed","data":{"email":"ada@example.com"}}';

it('uses the message id and the signed time if the event has none', async () => {
  expect((await read(UNSUBSCRIBED)).signals).toMatchObject([{ eventKey: MESSAGE_ID, occurredAt: AT }]);
});

it.each([
  ['no address', '{"type":"opt_out","data":{}}', 'data.email is missing'],
  ['no type', '{"data":{"email":"ada@example.com"}}', 'type is missing'],
])('reports a payload with %s as unreadable', async (_what, text, reason) => {
  await expect(read(text)).rejects.toThrow(expect.objectContaining({ name: 'Unreadable', message: reason }));
});

it.each(['webhook', 'svix'] as const)(
  'accepts the headers with the prefix %s, as does standard-webhooks',
  async (prefix) => {
    const asked = asking(UNSUBSCRIBED, standardSigner(prefix)(Buffer.from(UNSUBSCRIBED), AT));

    for (const source of [svix(), standardWebhooks()]) {
      await expectAccepted(source, asked, [SHARED_SECRET]);
      expect(source.read(asked as VerifiedRequest).signals).toMatchObject([{ kind: 'opt_out', eventKey: MESSAGE_ID }]);
    }
  },
);

it('takes a field map', async () => {
  const text = '{"type":"unsubscribed","payload":{"mail":"ada@example.com"}}';
  const source = svix({ email: 'payload.mail' });

  expect(source.read(await source.verify(asking(text), [SHARED_SECRET], NOWHERE)).signals).toMatchObject([
    { kind: 'opt_out', email: 'ada@example.com' },
  ]);
});
