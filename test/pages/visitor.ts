import middy from '@middy/core';
import { expect } from 'vitest';
import type { HttpEvent, HttpResult } from '../../functions/aws/http-api.ts';
import { createHttpHandler, errorResponder } from '../../functions/aws/http-api.ts';
import { defaultLimits } from '../../functions/core/intake/rate-limit.ts';
import type { Progress } from '../../functions/core/ledger/ledger.ts';
import type { CounterKind, Counters } from '../../functions/core/model/counter.ts';
import { parseEmailAddress } from '../../functions/core/model/email-address.ts';
import type { OptOut } from '../../functions/core/model/opt-out.ts';
import type { RelayEvent } from '../../functions/core/model/telemetry.ts';
import { createTokenSealer } from '../../functions/crypto/sealed-links.ts';
import { errorPage } from '../../functions/pages/error.ts';
import type { SitePorts } from '../../functions/pages/routes.ts';
import { pageRoutes } from '../../functions/pages/routes.ts';
import type { Themes } from '../../functions/pages/theme.ts';
import { searchFor } from '../../prove/secrets/search.ts';
import { AT } from '../core/examples.ts';
import { undescribed } from '../described-responses.ts';

/** An address that every encoding changes. */
export const ADDRESS = 'ada+łovelace@example.com';
export const EMAIL = parseEmailAddress(ADDRESS);
const findAddresses = searchFor([ADDRESS, EMAIL]);
export const PUBLIC_URL = new URL('https://relay.example.com');

export interface Visit {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly at?: Date;
  readonly client?: string;
}

/** The response. `leaks` lists the addresses found in it, in any encoding. */
export interface VisitResult {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly leaks: readonly string[];
}

/** A brand with a theme of its own, and one that looks like the common theme. */
export const THEMES: Themes = {
  common: { name: 'Example Shop' },
  brands: { pets: { name: 'Example Pets', color: '#7a3e00' }, toys: { name: 'Example Shop' } },
};

/** Creates a sealer. A token sealed with one `fill` is invalid for another. */
export function sealing(fill = 7) {
  const keys = [{ kid: 'k', key: Buffer.alloc(32, fill) }];
  return createTokenSealer({ get: async () => keys, refresh: async () => keys });
}

/** Returns the token in a receipt's path. */
export function tokenOf(receiptPath = ''): string {
  return new URL(receiptPath, PUBLIC_URL).pathname.slice('/receipts/'.length);
}

/** Creates the public pages over in-memory ports. `visit` calls them with API Gateway events. */
export function site(change: Partial<SitePorts> = {}) {
  const queued: OptOut[] = [];
  const events: RelayEvent[] = [];
  const ledger = new Map<string, Progress>();
  const counts = new Map<string, number>();
  const ports: SitePorts = {
    sealer: sealing(),
    find: async (id) => ledger.get(id),
    limits: defaultLimits,
    counters: countersOver(counts),
    enqueue: async (commands) => void queued.push(...commands.filter((command) => 'id' in command)),
    report: (event) => void events.push(event),
    themes: THEMES,
    version: '1.2.3+abcdef0',
    ...change,
  };
  const handler = middy<HttpEvent, HttpResult>()
    .use(errorResponder(PUBLIC_URL, { report: ports.report, show: errorPage(ports.themes) }))
    .handler(createHttpHandler(pageRoutes(ports), PUBLIC_URL));
  const visit = async (method: string, path: string, options: Visit = {}): Promise<VisitResult> => {
    const url = new URL(path, PUBLIC_URL);
    const result = resultOf(await handler(eventOf(method, url, options), {} as never));
    expect(undescribed(method, url.pathname, result)).toBeUndefined();
    return result;
  };
  return { ports, queued, events, ledger, counts, visit };
}

function countersOver(counts: Map<string, number>): Counters {
  return {
    async count(counters) {
      for (const counter of counters) {
        const count = counts.get(counter.key) ?? 0;
        if (count >= counter.limit) return counter;
        counts.set(counter.key, count + 1);
      }
      return undefined;
    },
    async uncount(counters) {
      for (const { key } of counters) counts.set(key, (counts.get(key) ?? 1) - 1);
    },
  };
}

/** Creates counters of which the given one is full. */
export function fullCounter(kind: CounterKind, retryAfterSeconds: number): Counters {
  const full = { kind, key: 'limit#x', limit: 1, retryAfterSeconds, expiresAt: 1 };
  return { count: async () => full, uncount: async () => undefined };
}

function eventOf(method: string, { pathname, search }: URL, options: Visit): HttpEvent {
  const { headers = {}, body = '', at = AT, client: sourceIp = '192.0.2.1' } = options;
  const [, parent = '', child] = pathname.split('/');
  const name = parent === 'u' ? 'token' : 'receipt';
  const routeKey = `${method} /${parent}${child === undefined ? '' : `/{${name}}`}`;
  const event: Partial<HttpEvent> = {
    version: '2.0',
    routeKey,
    rawPath: pathname,
    rawQueryString: search.slice(1),
    headers: { ...headers },
    pathParameters: child === undefined ? {} : { [name]: child },
    requestContext: { http: { method, sourceIp }, timeEpoch: at.getTime() } as HttpEvent['requestContext'],
    body: Buffer.from(body as string).toString('base64'),
    isBase64Encoded: true,
  };
  return event as HttpEvent;
}

function resultOf({ statusCode = 0, headers = {}, body = '' }: HttpResult): VisitResult {
  const leaks = findAddresses(JSON.stringify([headers, body]));
  return { status: statusCode, headers: headers as VisitResult['headers'], body, leaks };
}
