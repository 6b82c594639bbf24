import { describe, expect, it } from 'vitest';
import { createDefinitions } from '../../../functions/core/delivery/definitions.ts';
import type { DefinitionsResponse } from '../../../functions/core/delivery/hubspot.ts';
import type { RelayEvent } from '../../../functions/core/model/telemetry.ts';
import { plus } from '../examples.ts';

const MINUTE = 60;
const HOUR = 3_600;
const TYPES = [{ id: '1', businessUnitId: '0' }];
const readable: DefinitionsResponse = { status: 200, types: TYPES };

/** The cache on a HubSpot that returns these responses in turn, then the last one. */
function setUp(...responses: readonly DefinitionsResponse[]) {
  const time = { now: plus(0) };
  const events: RelayEvent[] = [];
  let calls = 0;
  const readDefinitions = async () => {
    calls += 1;
    return responses[Math.min(calls, responses.length) - 1] as DefinitionsResponse;
  };
  const definitions = createDefinitions({ clock: () => time.now, report: (event) => void events.push(event) });
  return {
    events,
    calls: () => calls,
    read(seconds: number) {
      time.now = plus(seconds);
      return definitions.read({ readDefinitions });
    },
    isVersionEnded(seconds: number) {
      time.now = plus(seconds);
      return definitions.isVersionEnded({ readDefinitions });
    },
  };
}

describe('the definitions', () => {
  it('are read once an hour, by concurrent attempts together', async () => {
    const { read, calls } = setUp(readable);

    const responses = await Promise.all([read(0), read(0), read(HOUR - 1)]);
    expect(responses.map(({ types }) => types)).toEqual([TYPES, TYPES, TYPES]);
    expect(calls()).toBe(1);
    await read(HOUR);
    expect(calls()).toBe(2);
  });

  it.each([
    [403, HOUR],
    [500, MINUTE],
    [0, MINUTE],
    [429, MINUTE],
    [200, MINUTE],
  ])(
    'are asked for again after a %d when %d seconds have passed, and the failure is reported',
    async (status, wait) => {
      const { read, calls, events } = setUp({ status }, readable);

      expect((await read(0)).types).toBeUndefined();
      expect((await read(wait - 1)).types).toBeUndefined();
      expect(calls()).toBe(1);
      expect((await read(wait)).types).toEqual(TYPES);
      expect(events).toEqual([{ event: 'definitions.unreadable', status }]);
    },
  );

  it('stay known during a failure', async () => {
    const { read } = setUp(readable, { status: 503 });
    await read(0);

    expect(await read(HOUR)).toEqual({ status: 503, types: TYPES });
  });

  it('are read again after a call that threw', async () => {
    const definitions = createDefinitions({ clock: () => plus(0), report: () => {} });
    const failing = { readDefinitions: () => Promise.reject(new Error('broken')) };

    await expect(definitions.read(failing)).rejects.toThrow('broken');
    expect(await definitions.read({ readDefinitions: async () => readable })).toEqual(readable);
  });
});

describe('the API version', () => {
  it.each<[DefinitionsResponse, boolean]>([
    [readable, false],
    [{ status: 403 }, false],
    [{ status: 429 }, false],
    [{ status: 503 }, false],
    [{ status: 400, hasErrorBody: true }, true],
    [{ status: 404 }, true],
    [{ status: 404, hasErrorBody: true }, true],
    [{ status: 301 }, true],
    [{ status: 410 }, true],
  ])('with the definitions %j has ended: %s', async (response, hasEnded) => {
    expect(await setUp(response).isVersionEnded(0)).toBe(hasEnded);
  });

  it('is checked at most once a minute', async () => {
    const { read, isVersionEnded, calls } = setUp(readable, { status: 404 });
    await read(0);

    expect(await isVersionEnded(MINUTE - 1)).toBe(false);
    expect(await isVersionEnded(MINUTE)).toBe(true);
    expect(await isVersionEnded(MINUTE + 1)).toBe(true);
    expect(calls()).toBe(2);
  });
});
