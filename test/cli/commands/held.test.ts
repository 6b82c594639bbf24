import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../local/stack-under-test.ts';
import type { RelayUnderTest } from '../relay-under-test.ts';
import { CONFIRMED, HELD, hoursAgo, jsonLines, optOutOf, relayUnderTest } from '../relay-under-test.ts';

let under: RelayUnderTest;
beforeAll(async () => {
  under = await relayUnderTest({ LEDGER_RETENTION_DAYS: '30' });
});
afterAll(() => under.stop());

const stateOf = async (id: string) => (await under.books.ledger.find(id))?.state;
const becomes = (id: string, state: string) =>
  until(
    () => stateOf(id),
    (now) => now === state,
  );

/** So many of a source, held; their ids. */
async function hold(source: string, count: number, given: Parameters<typeof optOutOf>[1] = {}) {
  const all = Array.from({ length: count }, (_, index) =>
    optOutOf(`${source}${index}@example.com`, { source, ...given }),
  );
  for (const optOut of all) await under.enter(optOut, HELD);
  return all.map(({ id }) => id);
}

describe('relay held', () => {
  it('lists what is held, by source where one is named, and nothing else', async () => {
    const [id = ''] = await hold('postal', 1);
    await hold('mailjet', 1);
    await under.enter(optOutOf('done@example.com', { source: 'postal' }), CONFIRMED);

    const [{ stdout, code }, all, listed] = await Promise.all([
      under.relay(['held', '--source', 'postal']),
      under.relay(['held']),
      under.relay(['held', '--source', 'postal', '--json']),
    ]);

    expect(code).toBe(0);
    expect(stdout).toMatch(
      new RegExp(`│ ${id.slice(0, 10)} │ \\S+ \\S+ │ postal │ opt_out │ surge-limit │ postal0@example.com │`),
    );
    expect(stdout).toContain('1 opt-out held;');
    expect(all.stdout).toContain('mailjet0@example.com');
    expect(jsonLines(listed.stdout)).toMatchObject([{ id, state: 'held', reason: 'surge-limit', source: 'postal' }]);
  });

  it('lists the first fifty of very many, and says how to have them all', async () => {
    await hold('scaleway', 53);

    const { stdout } = await under.relay(['held', '--source', 'scaleway']);

    expect(stdout.match(/scaleway\d+@example\.com/g)).toHaveLength(50);
    expect(stdout).toContain('and 3 more; --json lists them all\n53 opt-outs held;');
  });

  it('says so when there is nothing', async () => {
    expect(await under.relay(['held', '--source', 'braze'])).toEqual({
      stdout: 'Nothing is held.\n',
      stderr: '',
      code: 0,
    });
  });
});

describe('relay discard', () => {
  it('drops what is held: nobody waits for it, and HubSpot is not told', async () => {
    const [id = '', other = ''] = await hold('unbounce', 2);

    const { stdout, code } = await under.relay(['discard', '--', id]);

    expect([code, stdout]).toEqual([0, '1 opt-out discarded.\n']);
    const { stdout: listed } = await under.relay(['held', '--source', 'unbounce', '--json']);
    expect(jsonLines(listed).map((entry) => entry.id)).toEqual([other]);
    const { stdout: said } = await under.relay(['why', '--json', '--', id]);
    expect(jsonLines(said)).toMatchObject([{ state: 'held', next: 'nothing', discardedAt: expect.any(String) }]);
    expect((await under.relay(['release', '--', id])).stderr).toContain('nothing that is held has the id');
    expect(await under.contact('unbounce0@example.com')).toMatchObject({ optedOut: false });
  });

  it('drops by source, and asks before many', async () => {
    await hold('jotform', 11);

    expect((await under.relay(['discard', '--source', 'jotform'])).stderr).toContain('say --yes if you mean all');
    const { stdout } = await under.relay(['discard', '--source', 'jotform', '--yes', '--json']);

    expect(jsonLines(stdout)).toEqual([{ discarded: 11, passedOver: 0 }]);
    expect((await under.relay(['held', '--source', 'jotform'])).stdout).toBe('Nothing is held.\n');
  });
});

describe('relay release', () => {
  it('lets one go, by the beginning of its id, and HubSpot is told', async () => {
    const [id = '', other = ''] = await hold('brevo', 2);

    const { stdout, code } = await under.relay(['release', '--', id.slice(0, 10)]);

    expect([code, stdout]).toEqual([0, '1 opt-out released.\n']);
    await becomes(id, 'confirmed');
    expect(await under.contact('brevo0@example.com')).toMatchObject({ optedOut: true });
    expect(await stateOf(other)).toBe('held');
  });

  it('gives what it lets go the time that a closed entry has', async () => {
    const [id = ''] = await hold('klaviyo', 1);

    await under.relay(['release', '--', id]);
    await becomes(id, 'confirmed');

    expect(await under.books.ledger.find(id)).toHaveProperty('expiresAt');
  });

  it('lets go by source and time', async () => {
    const [early = ''] = await hold('resend', 1, { key: 'early', hours: 9 });
    const [meant = ''] = await hold('resend', 1, { key: 'meant', hours: 5 });
    const [late = ''] = await hold('resend', 1, { key: 'late', hours: 1 });
    const [after, before] = [hoursAgo(8), hoursAgo(3)].map((time) => time.toISOString());

    const { stdout } = await under.relay([
      'release',
      '--source',
      'resend',
      `--after=${after}`,
      `--before=${before}`,
      '--json',
    ]);

    expect(jsonLines(stdout)).toEqual([{ released: 1, passedOver: 0 }]);
    await becomes(meant, 'confirmed');
    expect([await stateOf(early), await stateOf(late)]).toEqual(['held', 'held']);
  });

  it('respects a newer opt-in', async () => {
    const [id = ''] = await hold('svix', 1, { hours: 30 });
    const timestamp = hoursAgo(2).toISOString();
    await under.sim('contacts/svix0@example.com', 'PUT', { statuses: [{ status: 'SUBSCRIBED', timestamp }] });

    await under.relay(['release', '--source', 'svix']);

    await becomes(id, 'superseded');
  });

  it('asks before many, and takes no for an answer', async () => {
    const [id = ''] = await hold('tally', 11);

    const { stderr, stdout, code } = await under.relay(['release', '--source', 'tally'], { text: 'n\n', isTTY: true });

    expect(stderr).toMatch(/These are 11 opt-outs. Go on\? \[y\/N\] .*Nothing was changed\.\n$/s);
    expect([code, stdout]).toEqual([1, '']);
    expect(await stateOf(id)).toBe('held');
    expect((await under.relay(['release', '--source', 'tally'])).stderr).toContain('say --yes if you mean all of them');
    expect((await under.relay(['release', '--source', 'tally'], { text: 'y\n', isTTY: true })).code).toBe(0);
    await becomes(id, 'confirmed');
  });

  it('asks nobody when it is told --yes', async () => {
    const [id = ''] = await hold('webflow', 11);

    expect((await under.relay(['release', '--source', 'webflow', '--yes'])).stdout).toBe('11 opt-outs released.\n');
    await becomes(id, 'confirmed');
  });

  it.each<[string, readonly string[], string]>([
    ['nothing', [], 'it takes ids, or --source'],
    ['ids and a source', ['--source', 'brevo', 'abcdefgh'], 'it takes ids, or --source'],
    ['an id that is not held', ['abcdefgh'], 'nothing that is held has the id abcdefgh'],
    ['an id that is too short', ['abc'], 'six letters, digits'],
    ['an address', ['ada@example.com'], 'six letters, digits'],
    ['a time that is none', ['--source', 'brevo', '--after', 'ada@example.com'], '--after is not a time'],
  ])('explains, with 2, %s', async (_what, args, sentence) => {
    const { stderr, stdout, code } = await under.relay(['release', ...args]);

    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(sentence);
    expect(stderr).not.toContain('ada@example.com');
  });
});
