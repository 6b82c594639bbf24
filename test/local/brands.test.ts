import { afterAll, beforeAll, expect, it } from 'vitest';
import { type StackUnderTest, stackUnderTest, until } from './stack-under-test.ts';

let stack: StackUnderTest;
beforeAll(async () => {
  stack = await stackUnderTest({}, { brands: { acme: { businessUnitId: '7' } } });
});
afterAll(() => stack.stop());

it('gives the simulated account the brands in relay.config.ts, so that their opt-outs are confirmed', async () => {
  const email = 'ada@example.com';
  await stack.post({
    path: '/unsubscribe',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, brand: 'acme' }),
  });

  await until(
    async () => stack.lines('optout.attempted'),
    (lines) => lines.some(({ outcome }) => outcome === 'confirmed'),
  );
  expect(await stack.sim(`contacts/${email}`)).toMatchObject({ optedOut: false, wide: [{ businessUnitId: 7 }] });
  await stack.sim('reset', 'POST');
  expect(await stack.sim('portal')).toMatchObject({ brands: [0, 7] });
});
