import { describe, expect, it } from 'vitest';
import { defaultPolicy } from '../../../functions/core/intake/policy.ts';
import type { WebhookPorts } from '../../../functions/core/intake/webhook.ts';
import { webhookRoutes } from '../../../functions/core/intake/webhook.ts';
import { parseContactId } from '../../../functions/core/model/contact-id.ts';
import {
  NoSecret,
  NotFound,
  TooLarge,
  Unauthenticated,
  Unavailable,
  Unreadable,
} from '../../../functions/core/model/errors.ts';
import type { Command } from '../../../functions/core/model/opt-out.ts';
import type { Kind } from '../../../functions/core/model/signal.ts';
import type { RelayEvent } from '../../../functions/core/model/telemetry.ts';
import { jsonOf } from '../../../functions/core/payload/fields.ts';
import type { RawRequest } from '../../../functions/core/payload/http.ts';
import type { Source } from '../../../functions/core/verify/source.ts';
import { readEach } from '../../../functions/core/verify/source.ts';
import { requiredHeader, sameText, verifyWith } from '../../../functions/core/verify/verify.ts';
import { ADA, AT, CONTACT, NOWHERE, plus, request, signal } from '../examples.ts';

/** A sender whose batch is a list of kinds. The kind `?` is unreadable. */
const acme: Source = {
  name: 'acme',
  scheme: 'shared-secret',
  verify(incoming, secrets) {
    const given = requiredHeader(incoming, 'x-key');
    return verifyWith(incoming, secrets, (secret) => sameText(secret, given));
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

/** Ports that record their calls. The cached secrets are `cached`, and `current` after a refresh. */
function memory(change: Partial<WebhookPorts> = {}, cached = ['s3cret'], current = cached) {
  const queued: Command[][] = [];
  const events: RelayEvent[] = [];
  const steps: string[] = [];
  const secretsOf = async (how: string, list: string[]) => {
    steps.push(how);
    return new Map([['acme', list]]);
  };
  const ports: WebhookPorts = {
    secrets: { get: () => secretsOf('get', cached), refresh: () => secretsOf('refresh', current) },
    certificates: NOWHERE,
    policyOf: () => defaultPolicy,
    enqueue: async (commands) => void queued.push([...commands]),
    confirmSubscription: async (...confirmed) => void steps.push(confirmed.join()),
    report: (event) => void events.push(event),
    ...change,
  };
  return { ports, queued, events, steps };
}

const requestWith = (kinds: readonly string[], headers = { 'x-key': 's3cret' }) =>
  request(JSON.stringify(kinds), { headers });

async function post(ports: WebhookPorts, incoming: RawRequest, { source = acme, name = 'acme' } = {}) {
  return webhookRoutes([source], ports)['POST /webhooks/{source}']?.(incoming, { source: name });
}

describe('POST', () => {
  it('responds 200 with an empty body once the commands are enqueued, and reports them', async () => {
    const { ports, queued, events } = memory();

    expect(await post(ports, requestWith(['opt_out', 'complaint']))).toEqual({ status: 200 });
    expect(queued).toMatchObject([[{ kind: 'opt_out', source: 'acme', email: ADA }, { kind: 'complaint' }]]);
    expect(events).toEqual([{ event: 'optout.accepted', source: 'acme', optOuts: queued[0] }]);
  });

  it('responds only after the queue has', async () => {
    const steps: string[] = [];
    const enqueue = async () => {
      await new Promise((resolve) => setImmediate(resolve));
      steps.push('queued');
    };
    const { ports } = memory({ enqueue });

    await post(ports, requestWith(['opt_out'])).then(() => steps.push('responded'));

    expect(steps).toEqual(['queued', 'responded']);
  });

  it('enqueues nothing for ignored signals, and counts them', async () => {
    const { ports, queued, events } = memory();

    expect(await post(ports, requestWith(['test', 'ignored', 'resubscribe']))).toEqual({ status: 200 });
    expect(queued).toEqual([]);
    expect(events).toEqual([{ event: 'signals.ignored', source: 'acme', count: 3 }]);
  });

  it('responds 200 to an empty batch, without a report', async () => {
    const { ports, queued, events } = memory();

    expect(await post(ports, requestWith([]))).toEqual({ status: 200 });
    expect([queued, events]).toEqual([[], []]);
  });

  it('enqueues each readable event of a batch once, and counts the others', async () => {
    const { ports, queued, events } = memory();

    expect(await post(ports, requestWith(['opt_out', '?', 'test', 'opt_out', 'hard_bounce']))).toEqual({ status: 200 });
    expect(queued.flat()).toMatchObject([{ kind: 'opt_out' }, { kind: 'hard_bounce' }]);
    expect(events.map(({ event }) => event)).toEqual(['signals.unreadable', 'optout.accepted', 'signals.ignored']);
    expect(events[0]).toEqual({ event: 'signals.unreadable', source: 'acme', reasons: ['event 2: kind is missing'] });
  });

  describe('of a reading with contacts to erase', () => {
    const other = parseContactId('4712');
    const source: Source = {
      ...acme,
      read: (incoming) => ({ ...acme.read(incoming), erase: [CONTACT, other, CONTACT] }),
    };
    const ERASURES = [CONTACT, other].map((erase) => ({ version: 1, erase, receivedAt: AT.toISOString() }));

    it('enqueues one erasure per contact along with the opt-outs', async () => {
      const { ports, queued, events } = memory();

      expect(await post(ports, requestWith(['opt_out']), { source })).toEqual({ status: 200 });
      expect(queued).toMatchObject([[{ kind: 'opt_out' }, ...ERASURES]]);
      expect(events).toMatchObject([{ event: 'optout.accepted', optOuts: [{ kind: 'opt_out' }] }]);
    });

    it('enqueues the erasures alone, and reports no opt-out', async () => {
      const { ports, queued, events } = memory();

      expect(await post(ports, requestWith([]), { source })).toEqual({ status: 200 });
      expect(queued).toEqual([ERASURES]);
      expect(events).toEqual([]);
    });

    it('fails if the erasures cannot be enqueued', async () => {
      const failure = new Unavailable('could not enqueue');
      const { ports } = memory({ enqueue: () => Promise.reject(failure) });

      await expect(post(ports, requestWith([]), { source })).rejects.toBe(failure);
    });
  });

  it('applies the policy of the source, and sets the time of arrival', async () => {
    const policyOf = (source: string) => ({ ...defaultPolicy, brand: `${source}-brand` });
    const { ports, queued } = memory({ policyOf });

    await post(ports, { ...requestWith(['opt_out']), receivedAt: plus(7) });

    expect(queued.flat()).toMatchObject([{ brand: 'acme-brand', receivedAt: plus(7).toISOString() }]);
  });

  it('retries verification once with fresh secrets after a rotation', async () => {
    const { ports, queued, events, steps } = memory({}, ['old'], ['s3cret', 'old']);

    expect(await post(ports, requestWith(['opt_out']))).toEqual({ status: 200 });
    expect(queued).toHaveLength(1);
    expect(steps).toEqual(['get', 'refresh']);
    expect(events.map(({ event }) => event)).toEqual(['optout.accepted']);
  });

  it.each([
    ['a wrong secret', { 'x-key': 'guess' }, ['s3cret'], 'no configured secret matches'],
    ['no secret', {}, ['s3cret'], 'header x-key is missing'],
  ])('rejects %s before it reads anything, and reports it once', async (_what, headers, cached, reason) => {
    const read = () => {
      throw new Error('read without verification');
    };
    const { ports, queued, events, steps } = memory({}, cached);
    const source = { ...acme, read, handshake: read };

    await expect(post(ports, request('["opt_out"]', { headers: { ...headers } }), { source })).rejects.toThrow(
      new Unauthenticated(reason),
    );
    expect(queued).toEqual([]);
    expect(steps).toEqual(['get', 'refresh']);
    expect(events).toEqual([{ event: 'request.unauthenticated', source: 'acme', reason }]);
  });

  it.each([
    ['any secret', { 'x-key': 'guess' }, []],
    ['no secret', {}, []],
    ['a blank secret that is configured', { 'x-key': ' ' }, [' ']],
  ])('rejects %s at a source without a secret, and reports that it has none', async (_what, headers, configured) => {
    const { ports, queued, events } = memory({}, configured);

    await expect(post(ports, request('["opt_out"]', { headers: { ...headers } }))).rejects.toThrow(new NoSecret());
    expect(queued).toEqual([]);
    const reason = 'no secret is configured for this source';
    expect(events).toEqual([{ event: 'request.unauthenticated', source: 'acme', reason, hasSecret: false }]);
  });

  it.each([
    ['once if a refresh brings no other secret', ['s3cret'], ['s3cret'], 1],
    ['twice after a rotation', ['old'], ['new', 'old'], 2],
  ])('verifies a request that no secret verifies %s', async (_what, cached, current, times) => {
    let verifications = 0;
    const source: Source = {
      ...acme,
      verify(...given) {
        verifications += 1;
        return acme.verify(...given);
      },
    };
    const { ports } = memory({}, cached, current);

    await expect(post(ports, requestWith(['opt_out'], { 'x-key': 'guess' }), { source })).rejects.toThrow(
      new Unauthenticated('no configured secret matches'),
    );
    expect(verifications).toBe(times);
  });

  it('rejects a source without an entry in the secrets', async () => {
    const none = async () => new Map<string, readonly string[]>();
    const { ports } = memory({ secrets: { get: none, refresh: none } });

    await expect(
      post(ports, requestWith(['opt_out']), { source: { ...acme, handshake: () => ({ response: { status: 200 } }) } }),
    ).rejects.toThrow(Unauthenticated);
  });

  it('responds to a verified handshake, and reads the events that came with it', async () => {
    const response = { status: 200, headers: { 'content-type': 'text/plain' }, body: 'hello' };
    const source: Source = {
      ...acme,
      handshake: (incoming, secrets) =>
        incoming.body.length < 5 ? { response: { ...response, body: `${secrets}` } } : undefined,
    };
    const { ports, queued, events } = memory();

    expect(await post(ports, requestWith([]), { source })).toEqual({ ...response, body: 's3cret' });
    expect([queued, events]).toEqual([[], []]);
    expect(await post(ports, requestWith(['opt_out']), { source })).toEqual({ status: 200 });
    expect(
      await post(ports, requestWith(['opt_out', 'test']), { source: { ...source, handshake: () => ({ response }) } }),
    ).toEqual(response);
    expect(queued).toHaveLength(2);
  });

  it('does not take a failure of the verification for a wrong secret', async () => {
    const failure = new Unavailable('the certificate cannot be fetched');
    const source: Source = { ...acme, verify: () => Promise.reject(failure) };
    const { ports, steps } = memory();

    await expect(post(ports, requestWith([]), { source })).rejects.toBe(failure);
    expect(steps).toEqual(['get']);
  });

  it('confirms a subscription before it responds, and fails if it cannot', async () => {
    const confirm = { topicArn: 'arn:aws:sns:eu-central-1:1:news', token: 't' };
    const source: Source = { ...acme, handshake: () => ({ response: { status: 200 }, confirm }) };
    const { ports, steps } = memory();
    const failure = new Unavailable('SNS cannot be reached');
    const confirmSubscription = () => Promise.reject(failure);

    expect(await post(ports, requestWith([]), { source })).toEqual({ status: 200 });
    expect(steps).toEqual(['get', 'arn:aws:sns:eu-central-1:1:news,t']);
    await expect(post({ ...ports, confirmSubscription }, requestWith([]), { source })).rejects.toBe(failure);
  });

  describe('of a handshake with a subscription to confirm', () => {
    const confirm = { topicArn: 'arn:aws:sns:us-east-1:1:news', token: 't0ken' };
    const source: Source = { ...acme, handshake: () => ({ response: { status: 200 }, confirm }) };

    it('confirms it before the response', async () => {
      const steps: unknown[] = [];
      const confirmSubscription = async (...confirmed: string[]) => {
        await new Promise((resolve) => setImmediate(resolve));
        steps.push(confirmed);
      };
      const { ports, queued } = memory({ confirmSubscription });

      const response = await post(ports, requestWith([]), { source });

      expect([...steps, response]).toEqual([['arn:aws:sns:us-east-1:1:news', 't0ken'], { status: 200 }]);
      expect(queued).toEqual([]);
    });

    it('confirms nothing for an unauthenticated request', async () => {
      const { ports } = memory();

      await expect(post(ports, request('[]'), { source })).rejects.toThrow(Unauthenticated);
    });

    it.each([
      [undefined, 503],
      [429, 429],
    ] as const)('with onFailure %s fails with %d if it cannot be confirmed', async (onFailure, status) => {
      const confirmSubscription = () => Promise.reject(new Unavailable('the subscription cannot be confirmed'));
      const failing = { ...source, ...(onFailure && { onFailure }) };

      await expect(
        post(memory({ confirmSubscription }).ports, requestWith([]), { source: failing }),
      ).rejects.toMatchObject({
        status,
      });
    });
  });

  it('responds as the source expects on success', async () => {
    const onSuccess = { status: 200, body: '<Ack>true</Ack>' };

    expect(await post(memory().ports, requestWith(['opt_out']), { source: { ...acme, onSuccess } })).toEqual(onSuccess);
  });

  it('gives the verifier access to certificates', async () => {
    const certificates = { get: async (url: URL) => `${url.host} certificate` };
    const verify: Source['verify'] = async (incoming, secrets, { get }) => {
      expect(await get(new URL('https://sender.example.com/c.pem'))).toBe('sender.example.com certificate');
      return acme.verify(incoming, secrets, NOWHERE);
    };

    expect(
      await post(memory({ certificates }).ports, requestWith(['opt_out']), { source: { ...acme, verify } }),
    ).toEqual({
      status: 200,
    });
  });

  it.each(['other', 'constructor', '', 'ACME'])('responds 404 for the source %j, and reports nothing', async (name) => {
    const { ports, steps, events } = memory();

    await expect(post(ports, requestWith(['opt_out']), { name })).rejects.toThrow(new NotFound('no such source'));
    expect([steps, events]).toEqual([[], []]);
  });

  it.each([
    [{}, 1_048_576],
    [{ maxBytes: 100 }, 100],
  ])('accepts a body up to the limit of %j, %d bytes', async (limit, bytes) => {
    const { ports, queued } = memory();
    const body = (length: number) => request('["opt_out"]'.padEnd(length), { headers: { 'x-key': 's3cret' } });
    const source = { ...acme, ...limit };

    expect(await post(ports, body(bytes), { source })).toEqual({ status: 200 });
    await expect(post(ports, body(bytes + 1), { source })).rejects.toThrow(new TooLarge('the body is too large'));
    expect(queued).toHaveLength(1);
  });

  it('rejects an unreadable body, and reports why without quoting it', async () => {
    const { ports, events } = memory();

    await expect(post(ports, request('email=ada@example.com', { headers: { 'x-key': 's3cret' } }))).rejects.toThrow(
      new Unreadable('the body is not JSON'),
    );
    expect(events).toEqual([{ event: 'signals.unreadable', source: 'acme', reasons: ['the body is not JSON'] }]);
  });

  it.each([
    ['an Unavailable', new Unavailable('could not enqueue')],
    ['any other error', new Error('connect ECONNREFUSED')],
  ])('rethrows %s of the queue, and reports no opt-out', async (_what, failure) => {
    const { ports, events } = memory({ enqueue: () => Promise.reject(failure) });

    await expect(post(ports, requestWith(['opt_out']))).rejects.toBe(failure);
    expect(events).toEqual([]);
  });

  it.each([429, 503] as const)('fails with the onFailure status %d of the source', async (onFailure) => {
    const { ports } = memory({ enqueue: () => Promise.reject(new Error('connect ECONNREFUSED')) });
    const secrets = { get: () => Promise.reject(new Unavailable('cannot be read')), refresh: ports.secrets.refresh };
    const source = { ...acme, onFailure };

    const failure = (message: string) => ({ name: 'Unavailable', status: onFailure, message });
    await expect(post(ports, requestWith(['opt_out']), { source })).rejects.toMatchObject(
      failure('not recorded, try again'),
    );
    await expect(post({ ...ports, secrets }, requestWith([]), { source })).rejects.toMatchObject(
      failure('cannot be read'),
    );
  });

  it.each([
    [401, {}, '["opt_out"]'],
    [400, { 'x-key': 's3cret' }, 'junk'],
  ])('responds %d to an error of the sender, regardless of onFailure', async (status, headers, text) => {
    const incoming = request(text, { headers: { ...headers } });

    await expect(post(memory().ports, incoming, { source: { ...acme, onFailure: 429 } })).rejects.toMatchObject({
      status,
    });
  });

  it('reports no address from a request that it rejects', async () => {
    const { ports, events } = memory();
    for (const text of ['ada@example.com', '["?"]', '["test"]', '{"email":"ada@example.com"}']) {
      await post(ports, request(text, { headers: { 'x-key': 's3cret', from: ADA } })).catch(() => undefined);
      await post(ports, request(text, { headers: { 'x-key': ADA } })).catch(() => undefined);
    }

    expect(events.length).toBeGreaterThan(4);
    expect(JSON.stringify(events)).not.toMatch(/@|%40/);
  });
});

describe.each(['GET', 'HEAD'])('%s', (method) => {
  const probe = (name: string, ports: WebhookPorts) =>
    webhookRoutes([acme], ports)[`${method} /webhooks/{source}`]?.(
      request('["opt_out"]', { method, headers: { 'x-key': 's3cret' } }),
      { source: name },
    );

  it('responds 200 for a known source, and does nothing', async () => {
    const { ports, queued, events, steps } = memory();

    expect(await probe('acme', ports)).toEqual({ status: 200 });
    expect([queued, events, steps]).toEqual([[], [], []]);
  });

  it('responds 404 for an unknown source', () => {
    expect(() => probe('other', memory().ports)).toThrow(NotFound);
  });
});

describe('GET for a source that is called by GET', () => {
  /** The event is in the query, and so is the secret. */
  const source: Source = {
    ...acme,
    method: 'GET',
    verify: (incoming, secrets) =>
      verifyWith(incoming, secrets, (secret) => incoming.url.searchParams.get('key') === secret),
    read: ({ url }) => {
      const kind = url.searchParams.get('kind');
      if (kind === null) throw new Unreadable('kind is missing');
      return { signals: [signal({ kind: kind as Kind })], unreadable: [] };
    },
  };
  const call = async (method: 'GET' | 'HEAD', query: string, ports: WebhookPorts) => {
    const url = new URL(`https://relay.example.com/webhooks/acme?${query}`);
    const route = webhookRoutes([source], ports)[`${method} /webhooks/{source}`];
    return route?.(request('', { method, url }), { source: 'acme' });
  };

  it('enqueues a verified event before it responds', async () => {
    const { ports, queued, events } = memory();

    expect(await call('GET', 'key=s3cret&kind=opt_out', ports)).toEqual({ status: 200 });
    expect(queued).toMatchObject([[{ kind: 'opt_out', email: ADA }]]);
    expect(events.map(({ event }) => event)).toEqual(['optout.accepted']);
  });

  it.each(['', 'kind=opt_out', 'key=guess&kind=opt_out', 'KEY=s3cret&kind=opt_out'])(
    'rejects the query %j, and reports it',
    async (query) => {
      const { ports, queued, events } = memory();

      await expect(call('GET', query, ports)).rejects.toThrow(Unauthenticated);
      expect(queued).toEqual([]);
      expect(events.map(({ event }) => event)).toEqual(['request.unauthenticated']);
    },
  );

  it('rejects an unreadable event, and fails if the queue does not store it', async () => {
    const failure = new Unavailable('could not enqueue');

    await expect(call('GET', 'key=s3cret', memory().ports)).rejects.toThrow(new Unreadable('kind is missing'));
    const { ports } = memory({ enqueue: () => Promise.reject(failure) });
    await expect(call('GET', 'key=s3cret&kind=opt_out', ports)).rejects.toBe(failure);
  });

  it('does nothing for HEAD', async () => {
    const { ports, queued, steps } = memory();

    expect(await call('HEAD', 'key=s3cret&kind=opt_out', ports)).toEqual({ status: 200 });
    expect([queued, steps]).toEqual([[], []]);
  });

  it('still accepts POST', async () => {
    const { ports, queued } = memory();
    const url = new URL('https://relay.example.com/webhooks/acme?key=s3cret&kind=opt_out');

    expect(await post(ports, request('', { url }), { source })).toEqual({ status: 200 });
    expect(queued).toHaveLength(1);
  });
});

describe('OPTIONS', () => {
  const granted = { status: 200, headers: { 'webhook-allowed-origin': 'eventgrid.azure.net' } };
  const source: Source = { ...acme, onOptions: () => granted };
  const ask = (ports: WebhookPorts, incoming: RawRequest, sources = [source], name = 'acme') =>
    webhookRoutes(sources, ports)['OPTIONS /webhooks/{source}']?.({ ...incoming, method: 'OPTIONS' }, { source: name });

  it('asks the source for its response, after verification, and enqueues nothing', async () => {
    const { ports, queued, events } = memory();

    expect(await ask(ports, request('', { headers: { 'x-key': 's3cret' } }))).toEqual(granted);
    expect([queued, events]).toEqual([[], []]);
  });

  it('rejects and reports a caller that is not verified', async () => {
    const { ports, events } = memory();

    await expect(ask(ports, request('', { headers: { 'x-key': 'guess' } }))).rejects.toThrow(Unauthenticated);
    expect(events).toMatchObject([{ event: 'request.unauthenticated', source: 'acme' }]);
  });

  it('lists the methods for any other source without a secret, and nothing else happens', async () => {
    const { ports, steps } = memory();

    expect(await ask(ports, request(), [acme])).toEqual({
      status: 204,
      headers: { allow: 'GET, HEAD, OPTIONS, POST' },
    });
    expect(steps).toEqual([]);
  });

  it('responds 404 for an unknown source', async () => {
    await expect(async () => ask(memory().ports, request(), [source], 'other')).rejects.toThrow(NotFound);
  });
});
