import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Limits, Submission } from '../../../functions/core/intake/rate-limit.ts';
import { countersFor, defaultLimits } from '../../../functions/core/intake/rate-limit.ts';
import { parseEmailAddress } from '../../../functions/core/model/email-address.ts';
import { ADA, AT, plus } from '../examples.ts';

const CLIENT = '192.0.2.1';
const counters = (change: Partial<Submission> = {}, limits: Limits = defaultLimits) =>
  countersFor({ email: ADA, client: CLIENT, receivedAt: AT, ...change }, limits);
const keys = (change?: Partial<Submission>) => counters(change).map(({ key }) => key);
const clientKey = (client: string) => keys({ client })[0];
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

describe('the counters of a submission', () => {
  it('are one for the client and then one for the address, per clock hour', () => {
    const window = { retryAfterSeconds: 3600, expiresAt: plus(3600).getTime() / 1000 };

    expect(counters()).toEqual([
      { kind: 'client', key: `limit#${sha256(`client\n${CLIENT}\n2026-11-02T10`)}`, limit: 30, ...window },
      { kind: 'address', key: `limit#${sha256(`address\n${ADA}\n2026-11-02T10`)}`, limit: 5, ...window },
    ]);
  });

  it('are the same within an hour, and different in the next', () => {
    expect(keys({ receivedAt: plus(3599.999) })).toEqual(keys());
    expect(keys({ receivedAt: plus(3600) }).filter((key) => keys().includes(key))).toEqual([]);
  });

  it('differ by address and by client', () => {
    const [client, address] = keys();

    expect(keys({ email: parseEmailAddress('bob@example.com') })).toEqual([
      client,
      expect.not.stringMatching(`${address}`),
    ]);
    expect(keys({ client: '192.0.2.2' })).toEqual([expect.not.stringMatching(`${client}`), address]);
  });

  it('differ by brand for the same address', () => {
    const [client, address] = keys();
    const [pets, toys] = ['pets', 'toys'].map((brand) => keys({ brand }));

    expect([pets?.[0], toys?.[0]]).toEqual([client, client]);
    expect(new Set([address, pets?.[1], toys?.[1]]).size).toBe(3);
  });

  it('never share a counter between an address and a client', () => {
    expect(keys({ client: ADA })[0]).not.toBe(keys()[1]);
  });

  it.each([
    [0, 3600],
    [0.001, 3600],
    [1800.5, 1800],
    [3598.999, 2],
    [3599, 1],
    [3599.999, 1],
  ])('%d s into the hour allow a retry after %d s', (seconds, retryAfterSeconds) => {
    const [{ retryAfterSeconds: actual, expiresAt } = { retryAfterSeconds: 0, expiresAt: 0 }] = counters({
      receivedAt: plus(seconds),
    });

    expect([actual, expiresAt]).toEqual([retryAfterSeconds, plus(3600).getTime() / 1000]);
  });

  it('have hashed keys and end in the future, for any client and time', () => {
    const noTime = { min: new Date('1970-01-01'), max: new Date('9999-01-01'), noInvalidDate: true };
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), fc.string()), fc.date(noTime), (client, receivedAt) => {
        for (const { key, retryAfterSeconds, expiresAt } of counters({ client, receivedAt })) {
          expect(key).toMatch(/^limit#[\da-f]{64}$/);
          expect(retryAfterSeconds).toBeGreaterThanOrEqual(1);
          expect(retryAfterSeconds).toBeLessThanOrEqual(3600);
          expect(expiresAt * 1000).toBeGreaterThan(receivedAt.getTime());
        }
      }),
    );
  });

  it.each<[Limits, readonly number[]]>([
    [{ perAddressAndHour: 1, perClientAndHour: 2 }, [2, 1]],
    [{ perAddressAndHour: false, perClientAndHour: 2 }, [2]],
    [{ perAddressAndHour: 1, perClientAndHour: false }, [1]],
    [{ perAddressAndHour: false, perClientAndHour: false }, []],
  ])('have the limits %j', (limits, expected) => {
    expect(counters({}, limits).map(({ limit }) => limit)).toEqual(expected);
  });
});

describe('a client', () => {
  it.each([
    ['2001:db8:1:2::1', '2001:db8:1:2:ffff:ffff:ffff:ffff'],
    ['2001:db8:1:2::1', '2001:0DB8:0001:0002:0000:0000:0000:0001'],
    ['2001:db8::1', '2001:db8:0:0:1::'],
    ['1::2:3:4:5:192.0.2.1', '1:0:2:3:9::'],
    ['::2', '0:0:0:0:9::'],
    ['fe80::1%eth0', 'fe80::2'],
    ['2001:db8:1:2::ffff:192.0.2.1', '2001:db8:1:2::1'],
    ['::3:4:5:6:7:8', '0:0:3:4:9::'],
    ['1::4:5:6:7:8', '1:0:0:4:9::'],
    ['::ffff:1:2', '::2'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:192.0.2.1', '192.0.2.1'],
  ])('is the same for %s and %s', (one, other) => {
    expect(clientKey(one)).toBe(clientKey(other));
  });

  it.each([
    ['2001:db8:1:2::1', '2001:db8:1:3::1'],
    ['2001:db8:1:2::1', '2001:db8:2:2::1'],
    ['1:2:3:4::', '1:2:3:40::'],
    ['192.0.2.1', '192.0.2.2'],
    ['192.0.2.1', '::192.0.2.1'],
    ['::ffff:192.0.2.1', '64:ff9b::ffff:192.0.2.1'],
    ['::ffff:1.2.3.4', '::ffff:1.2.3.4x'],
    ['1:2:3::', '1:2:0:3::'],
    ['1::2:3:4:5:6:7', '1:2::3:4:5:6:7'],
    ['1:2:3:4:5:6:7:8', '1:2:3::5:6:7:8'],
  ])('differs between %s and %s', (one, other) => {
    expect(clientKey(one)).toMatch(/^limit#/);
    expect(clientKey(one)).not.toBe(clientKey(other));
  });

  it.each([
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::2', '0:0:0:0::/64'],
    ['2001:DB8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['192.0.2.1', '192.0.2.1'],
  ])('with the address %s is counted as %s', (client, network) => {
    expect(clientKey(client)).toBe(`limit#${sha256(`client\n${network}\n2026-11-02T10`)}`);
  });

  it.each([undefined, '', '127.0.0.1', '127.255.255.254', '::1', '::ffff:127.0.0.1'])(
    'is not counted if it is %j',
    (client) => {
      expect(countersFor({ email: ADA, client, receivedAt: AT }, defaultLimits).map(({ limit }) => limit)).toEqual([5]);
    },
  );

  it.each(['128.0.0.1', '12.127.0.0', '1127.0.0.1', '127.0.0.1x', '10.0.0.1', '::2', '127.example'])(
    'is counted if it is %s',
    (client) => {
      expect(counters({ client }).map(({ limit }) => limit)).toEqual([30, 5]);
    },
  );
});
