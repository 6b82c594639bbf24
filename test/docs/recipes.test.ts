import { readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { activeSources } from '../../functions/config/active-sources.ts';
import { defineConfig } from '../../functions/config/relay-config.ts';
import { Unreadable } from '../../functions/core/model/errors.ts';
import type { VerifiedRequest } from '../../functions/core/verify/verify.ts';
import { mapped, ofPortal, sources } from '../../functions/sources/index.ts';
import { request } from '../core/examples.ts';

const page = readFileSync(new URL('../../docs/sources/generic.md', import.meta.url), 'utf8');

/** A recipe's field map and payload: its two blocks of code. */
function recipeOf(name: string) {
  const section = page.split(`\n### ${name}\n`)[1]?.split(/\n##/)[0] ?? '';
  const [, config = ''] = /```ts\n([\s\S]*?)```/.exec(section) ?? [];
  const [, payload = ''] = /```json\n([\s\S]*?)```/.exec(section) ?? [];
  const active = activeSources(
    { sources, mapped, ofPortal },
    defineConfig({ sources: runInNewContext(`({${config}})`) }),
  );
  const source = active.find((each) => each.name === 'generic');
  const read = (text: string) => source?.read(request(text) as VerifiedRequest).signals.map(meaningOf);
  return { payload, read };
}

const meaningOf = ({
  kind,
  email,
  eventKey,
  occurredAt,
}: {
  kind: string;
  email?: string;
  eventKey: string | undefined;
  occurredAt: Date;
}) => ({
  kind,
  email,
  eventKey,
  occurredAt: occurredAt.toISOString(),
});

const recipient = { kind: 'opt_out', email: 'recipe@example.com' };

describe('the recipe for Shopify', () => {
  const { payload, read } = recipeOf('Shopify');
  const consent = '2026-11-02T05:00:00-05:00';

  it('opts out as of the time of the consent, and once for each consent', () => {
    expect(read(payload)).toEqual([{ ...recipient, eventKey: consent, occurredAt: '2026-11-02T10:00:00.000Z' }]);
  });

  it('reads every update of a customer', () => {
    const customer = { id: 706405506930370084n.toString(), state: 'enabled', email: 'recipe@example.com', tags: '' };
    const update = (state: string) =>
      JSON.stringify({
        ...customer,
        email_marketing_consent: { state, opt_in_level: null, consent_updated_at: consent },
      });

    expect(read(update('unsubscribed'))).toMatchObject([{ ...recipient, eventKey: consent }]);
    for (const state of ['subscribed', 'not_subscribed', 'pending', 'invalid', 'redacted']) {
      expect(read(update(state))).toMatchObject([{ kind: 'ignored' }]);
    }
    expect(() => read(update('a new state'))).toThrow(Unreadable);
  });

  it('ignores a customer without consent, and one without an address', () => {
    expect(read('{"id":1,"email":"recipe@example.com","email_marketing_consent":null}')).toMatchObject([
      { kind: 'ignored' },
    ]);
    expect(read('{"customer_id":1,"email_address":"","email_marketing_consent":{"state":"not_subscribed"}}')).toEqual(
      [],
    );
  });
});

describe('the recipe for WooCommerce', () => {
  const { payload, read } = recipeOf('WooCommerce');

  it('opts out the customer, not the billing address, as of the time of the consent', () => {
    expect(read(payload)).toEqual([{ ...recipient, eventKey: '1793613600', occurredAt: '2026-11-02T10:00:00.000Z' }]);
  });

  it.each([
    ['no', payload.replace('"yes"', '"no"'), [{ kind: 'ignored' }]],
    ['nothing', payload.replace('"marketing_opt_out",', '"other",'), [{ kind: 'ignored' }]],
    ['nothing, in the ping that is sent when the webhook is saved', 'webhook_id=25', []],
  ])('ignores a customer whose consent says %s', (_what, text, expected) => {
    expect(read(text)).toMatchObject(expected);
  });

  it('does not guess', () => {
    expect(() => read(payload.replace('"yes"', '"perhaps"'))).toThrow(Unreadable);
  });
});

describe('the recipe for Kit', () => {
  const { payload, read } = recipeOf('Kit');

  it('opts out the subscriber as of the arrival, and not under the key of the subscriber', () => {
    const [signal, ...more] = read(payload) ?? [];

    expect(more).toEqual([]);
    expect(signal).toMatchObject({ ...recipient, occurredAt: request().receivedAt.toISOString() });
    expect(signal?.eventKey).not.toBe('1');
  });

  it('is unreadable without an address', () => {
    expect(() => read('{"subscriber":{"id":1}}')).toThrow(new Unreadable('subscriber.email_address is missing'));
  });
});
