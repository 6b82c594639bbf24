import { describe, expect, it } from 'vitest';
import { defaultPolicy } from '../../../functions/core/intake/policy.ts';
import type { WebhookPorts } from '../../../functions/core/intake/webhook.ts';
import { webhookRoutes } from '../../../functions/core/intake/webhook.ts';
import { parseContactId } from '../../../functions/core/model/contact-id.ts';
import { NotFound, TooLarge, Unauthenticated, Unavailable, Unreadable } from '../../../functions/core/model/errors.ts';
import type { Command } from '../../../functions/core/model/opt-out.ts';
import type { Kind } from '../../../functions/core/model/signal.ts';
import type { RelayEvent } from '../../../functions/core/model/telemetry.ts';
import { jsonOf } from '../../../functions/core/payload/fields.ts';
import type { RawRequest } from '../../../functions/core/payload/http.ts';
import type { Source } from '../../../functions/core/verify/source.ts';
import { readEach } from '../../../functions/core/verify/source.ts';
import { requiredHeader, sameText, verifyWith } from '../../../functions/core/verify/verify.ts';
import { ADA, AT, CONTACT, NOWHERE, plus, request, signal } from '../examples.ts';

/** A sender whose batch is a list of kinds; a kind it does not know cannot be read. */
const acme: Source = {
  name: 'acme',
  scheme: 'shared-secret',
  verify(asked, secrets) {
    const given = requiredHeader(asked, 'x-proof');
    return verifyWith(asked, secrets, (secret) => sameText(secret, given));
  },
  read: ({ body }) =>
    readEach(
      (jsonOf(body) as string[]).map((kind) => ({ kind })),
      ({ kind }) => {
        if (kind === '?') throw new Unreadable('kind is missing');
        return [signal({ kind: kind as Kind, eventKey: String(kind) })];
      },
    ),
};

/** Ports that remember; the secrets are `kept` until they are read again, then `now`. */
function memory(change: Partial<WebhookPorts> = {}, kept = ['s3cret'], now = kept) {
  const queued: Command[][] = [];
  const events: RelayEvent[] = [];
  const steps: string[] = [];
  const secretsOf = async (how: string, list: string[]) => {
    steps.push(how);
    return new Map([['acme', list]]);
  };
  const through: WebhookPorts = {
    secrets: { get: () => secretsOf('get', kept), refresh: () => secretsOf('refresh', now) },
    certificates: NOWHERE,
    policyOf: () => defaultPolicy,
    enqueue: async (commands) => void queued.push([...commands]),
    confirmSubscription: async (...confirmed) => void steps.push(confirmed.join()),
    report: (event) => void events.push(event),
    ...change,
  };
  return { through, queued, events, steps };
}

const asking = (kinds: readonly string[], headers = { 'x-proof': 's3cret' }) =>
  request(JSON.stringify(kinds), { headers });

async function post(through: WebhookPorts, asked: RawRequest, { source = acme, name = 'acme' } = {}) {
  return webhookRoutes([source], through)['POST /webhooks/{source}']?.(asked, { source: name });
}

describe('POST', () => {
  it('answers 200 with nothing once the queue has the commands, and says so', async () => {
    const { through, queued, events } = memory();

    expect(await post(through, asking(['opt_out', 'complaint']))).toEqual({ status: 200 });
    expect(queued).toMatchObject([[{ kind: 'opt_out', source: 'acme', email: ADA }, { kind: 'complaint' }]]);
    expect(events).toEqual([{ event: 'optout.accepted', source: 'acme', optOuts: queued[0] }]);
  });

  it('does not answer before the queue does', async () => {
    const steps: string[] = [];
    const enqueue = async () => {
      await new Promise((resolve) => setImmediate(resolve));
      steps.push('queued');
    };
    const { through } = memory({ enqueue });

    await post(through, asking(['opt_out'])).then(() => steps.push('answered'));

    expect(steps).toEqual(['queued', 'answered']);
  });

  it('leaves the queue alone for what asks for nothing, and counts it', async () => {
    const { through, queued, events } = memory();

    expect(await post(through, asking(['test', 'ignored', 'resubscribe']))).toEqual({ status: 200 });
    expect(queued).toEqual([]);
    expect(events).toEqual([{ event: 'signals.ignored', source: 'acme', count: 3 }]);
  });

  it('answers an empty batch with 200 and silence', async () => {
    const { through, queued, events } = memory();

    expect(await post(through, asking([]))).toEqual({ status: 200 });
    expect([queued, events]).toEqual([[], []]);
  });

  it('takes the good ones of a batch, each once, and counts the others', async () => {
    const { through, queued, events } = memory();

    expect(await post(through, asking(['opt_out', '?', 'test', 'opt_out', 'hard_bounce']))).toEqual({ status: 200 });
    expect(queued.flat()).toMatchObject([{ kind: 'opt_out' }, { kind: 'hard_bounce' }]);
    expect(events.map(({ event }) => event)).toEqual(['signals.unreadable', 'optout.accepted', 'signals.ignored']);
    expect(events[0]).toEqual({ event: 'signals.unreadable', source: 'acme', reasons: ['event 2: kind is missing'] });
  });

  describe('that says who is to be forgotten', () => {
    const other = parseContactId('4712');
    const source: Source = { ...acme, read: (asked) => ({ ...acme.read(asked), erase: [CONTACT, other, CONTACT] }) };
    const FORGETS = [CONTACT, other].map((erase) => ({ version: 1, erase, receivedAt: AT.toISOString() }));

    it('is answered once the queue has that as well, each contact once', async () => {
      const { through, queued, events } = memory();

      expect(await post(through, asking(['opt_out']), { source })).toEqual({ status: 200 });
      expect(queued).toMatchObject([[{ kind: 'opt_out' }, ...FORGETS]]);
      expect(events).toMatchObject([{ event: 'optout.accepted', optOuts: [{ kind: 'opt_out' }] }]);
    });

    it('and nothing else has only that queued, and reports no opt-out', async () => {
      const { through, queued, events } = memory();

      expect(await post(through, asking([]), { source })).toEqual({ status: 200 });
      expect(queued).toEqual([FORGETS]);
      expect(events).toEqual([]);
    });

    it('is not taken when the queue does not take it', async () => {
      const failure = new Unavailable('the queue did not take it');
      const { through } = memory({ enqueue: () => Promise.reject(failure) });

      await expect(post(through, asking([]), { source })).rejects.toBe(failure);
    });
  });

  it('asks for the policy of the source, and stamps our own time of arrival', async () => {
    const policyOf = (source: string) => ({ ...defaultPolicy, brand: `${source}-brand` });
    const { through, queued } = memory({ policyOf });

    await post(through, { ...asking(['opt_out']), receivedAt: plus(7) });

    expect(queued.flat()).toMatchObject([{ brand: 'acme-brand', receivedAt: plus(7).toISOString() }]);
  });

  it('lets in a sender whose proof came after the secrets were read, reading them again once', async () => {
    const { through, queued, events, steps } = memory({}, ['old'], ['s3cret', 'old']);

    expect(await post(through, asking(['opt_out']))).toEqual({ status: 200 });
    expect(queued).toHaveLength(1);
    expect(steps).toEqual(['get', 'refresh']);
    expect(events.map(({ event }) => event)).toEqual(['optout.accepted']);
  });

  it.each([
    ['a wrong proof', { 'x-proof': 'guess' }, ['s3cret'], 'no configured secret matches'],
    ['no proof', {}, ['s3cret'], 'header x-proof is missing'],
    ['any proof while there is no secret', { 'x-proof': 'guess' }, [], 'no secret is configured for this source'],
    ['a blank proof of a blank secret', { 'x-proof': ' ' }, [' '], 'no secret is configured for this source'],
  ])('refuses %s, before anything is read, and says so once', async (_what, headers, kept, reason) => {
    const read = () => {
      throw new Error('nobody may read this');
    };
    const { through, queued, events, steps } = memory({}, kept);
    const source = { ...acme, read, handshake: read };

    await expect(post(through, request('["opt_out"]', { headers: { ...headers } }), { source })).rejects.toThrow(
      new Unauthenticated(reason),
    );
    expect(queued).toEqual([]);
    expect(steps).toEqual(['get', 'refresh']);
    expect(events).toEqual([{ event: 'request.unauthenticated', source: 'acme', reason }]);
  });

  it('refuses a source that has no secret at all', async () => {
    const none = async () => new Map<string, readonly string[]>();
    const { through } = memory({ secrets: { get: none, refresh: none } });

    await expect(
      post(through, asking(['opt_out']), { source: { ...acme, handshake: () => ({ response: { status: 200 } }) } }),
    ).rejects.toThrow(Unauthenticated);
  });

  it('answers a handshake once it is proven, and looks for no events in it', async () => {
    const response = { status: 200, headers: { 'content-type': 'text/plain' }, body: 'hello' };
    const source: Source = {
      ...acme,
      handshake: (asked, secrets) =>
        asked.body.length === 0 ? { response: { ...response, body: `${secrets}` } } : undefined,
    };
    const { through, queued, events } = memory();

    expect(await post(through, request('', { headers: { 'x-proof': 's3cret' } }), { source })).toEqual({
      ...response,
      body: 's3cret',
    });
    expect([queued, events]).toEqual([[], []]);
    expect(await post(through, asking(['opt_out']), { source })).toEqual({ status: 200 });
    expect(queued).toHaveLength(1);
  });

  it('confirms a subscription before it answers, and fails as ours when it cannot', async () => {
    const confirm = { topicArn: 'arn:aws:sns:eu-central-1:1:news', token: 't' };
    const source: Source = { ...acme, handshake: () => ({ response: { status: 200 }, confirm }) };
    const { through, steps } = memory();
    const failure = new Unavailable('SNS cannot be reached');
    const confirmSubscription = () => Promise.reject(failure);

    expect(await post(through, asking([]), { source })).toEqual({ status: 200 });
    expect(steps).toEqual(['get', 'arn:aws:sns:eu-central-1:1:news,t']);
    await expect(post({ ...through, confirmSubscription }, asking([]), { source })).rejects.toBe(failure);
  });

  describe('of a handshake with a subscription to confirm', () => {
    const confirm = { topicArn: 'arn:aws:sns:us-east-1:1:news', token: 't0ken' };
    const source: Source = { ...acme, handshake: () => ({ response: { status: 200 }, confirm }) };

    it('confirms it before the answer', async () => {
      const steps: unknown[] = [];
      const confirmSubscription = async (...asked: string[]) => {
        await new Promise((resolve) => setImmediate(resolve));
        steps.push(asked);
      };
      const { through, queued } = memory({ confirmSubscription });

      const answer = await post(through, asking(['opt_out']), { source });

      expect([...steps, answer]).toEqual([['arn:aws:sns:us-east-1:1:news', 't0ken'], { status: 200 }]);
      expect(queued).toEqual([]);
    });

    it('confirms nothing without a proof', async () => {
      const { through } = memory();

      await expect(post(through, request('[]'), { source })).rejects.toThrow(Unauthenticated);
    });

    it.each([
      [undefined, 503],
      [429, 429],
    ] as const)('makes the sender with %s for our failures come back when it fails', async (onFailure, status) => {
      const confirmSubscription = () => Promise.reject(new Unavailable('the subscription cannot be confirmed'));
      const failing = { ...source, ...(onFailure && { onFailure }) };

      await expect(
        post(memory({ confirmSubscription }).through, asking([]), { source: failing }),
      ).rejects.toMatchObject({ status });
    });
  });

  it('answers what the sender takes for success', async () => {
    const onSuccess = { status: 200, body: '<Ack>true</Ack>' };

    expect(await post(memory().through, asking(['opt_out']), { source: { ...acme, onSuccess } })).toEqual(onSuccess);
  });

  it('lets a source ask the outside for what its proof needs', async () => {
    const certificates = { get: async (url: URL) => `${url.host} certificate` };
    const verify: Source['verify'] = async (asked, secrets, { get }) => {
      expect(await get(new URL('https://sender.example.com/c.pem'))).toBe('sender.example.com certificate');
      return acme.verify(asked, secrets, NOWHERE);
    };

    expect(await post(memory({ certificates }).through, asking(['opt_out']), { source: { ...acme, verify } })).toEqual({
      status: 200,
    });
  });

  it.each(['other', 'constructor', '', 'ACME'])('knows no source %j', async (name) => {
    const { through, steps } = memory();

    await expect(post(through, asking(['opt_out']), { name })).rejects.toThrow(new NotFound('no such source'));
    expect(steps).toEqual([]);
  });

  it.each([
    [{}, 1_048_576],
    [{ maxBytes: 100 }, 100],
  ])('takes a body up to the limit of %j, and none above it', async (limit, bytes) => {
    const { through, queued } = memory();
    const body = (length: number) => request('["opt_out"]'.padEnd(length), { headers: { 'x-proof': 's3cret' } });
    const source = { ...acme, ...limit };

    expect(await post(through, body(bytes), { source })).toEqual({ status: 200 });
    await expect(post(through, body(bytes + 1), { source })).rejects.toThrow(new TooLarge('the body is too large'));
    expect(queued).toHaveLength(1);
  });

  it('finds a body unreadable as a whole, and says why without quoting it', async () => {
    const { through, events } = memory();

    await expect(post(through, request('email=ada@example.com', { headers: { 'x-proof': 's3cret' } }))).rejects.toThrow(
      new Unreadable('the body is not JSON'),
    );
    expect(events).toEqual([{ event: 'signals.unreadable', source: 'acme', reasons: ['the body is not JSON'] }]);
  });

  it.each([
    ['ours', new Unavailable('the queue did not take it')],
    ['a stranger’s', new Error('connect ECONNREFUSED')],
  ])('passes a failure on when it is %s, and accepts nothing', async (_what, failure) => {
    const { through, events } = memory({ enqueue: () => Promise.reject(failure) });

    await expect(post(through, asking(['opt_out']))).rejects.toBe(failure);
    expect(events).toEqual([]);
  });

  it.each([429, 503] as const)('fails with %d towards a sender that needs it', async (onFailure) => {
    const { through } = memory({ enqueue: () => Promise.reject(new Error('connect ECONNREFUSED')) });
    const secrets = { get: () => Promise.reject(new Unavailable('cannot be read')), refresh: through.secrets.refresh };
    const source = { ...acme, onFailure };

    const failure = (message: string) => ({ name: 'Unavailable', status: onFailure, message });
    await expect(post(through, asking(['opt_out']), { source })).rejects.toMatchObject(
      failure('not recorded, try again'),
    );
    await expect(post({ ...through, secrets }, asking([]), { source })).rejects.toMatchObject(
      failure('cannot be read'),
    );
  });

  it.each([
    [401, {}, '["opt_out"]'],
    [400, { 'x-proof': 's3cret' }, 'junk'],
  ])('answers %d for what is the sender’s own fault, whatever it needs for ours', async (status, headers, text) => {
    const asked = request(text, { headers: { ...headers } });

    await expect(post(memory().through, asked, { source: { ...acme, onFailure: 429 } })).rejects.toMatchObject({
      status,
    });
  });

  it('names no address in what it says of a request it does not take', async () => {
    const { through, events } = memory();
    for (const text of ['ada@example.com', '["?"]', '["test"]', '{"email":"ada@example.com"}']) {
      await post(through, request(text, { headers: { 'x-proof': 's3cret', from: ADA } })).catch(() => undefined);
      await post(through, request(text, { headers: { 'x-proof': ADA } })).catch(() => undefined);
    }

    expect(events.length).toBeGreaterThan(4);
    expect(JSON.stringify(events)).not.toMatch(/@|%40/);
  });
});

describe.each(['GET', 'HEAD'])('%s', (method) => {
  const look = (name: string, through: WebhookPorts) =>
    webhookRoutes([acme], through)[`${method} /webhooks/{source}`]?.(
      request('["opt_out"]', { method, headers: { 'x-proof': 's3cret' } }),
      { source: name },
    );

  it('finds a source that is there, and does nothing', async () => {
    const { through, queued, events, steps } = memory();

    expect(await look('acme', through)).toEqual({ status: 200 });
    expect([queued, events, steps]).toEqual([[], [], []]);
  });

  it('finds no other', () => {
    expect(() => look('other', memory().through)).toThrow(NotFound);
  });
});
