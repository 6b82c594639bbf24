import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../local/stack-under-test.ts';
import type { RelayUnderTest } from '../relay-under-test.ts';
import { CONFIRMED, HELD, hoursAgo, jsonLines, optOutOf, relayUnderTest } from '../relay-under-test.ts';

let under: RelayUnderTest;
beforeAll(async () => {
  under = await relayUnderTest({ LEDGER_RETENTION_DAYS: '30' });
});
afterAll(() => under.stop());

const stateOf = async (id: string) => (await under.context.ledger.find(id))?.state;
const waitForState = (id: string, state: string) =>
  until(
    () => stateOf(id),
    (current) => current === state,
  );

/** Adds held opt-outs of a source and returns their ids. */
async function hold(source: string, count: number, given: Parameters<typeof optOutOf>[1] = {}) {
  const all = Array.from({ length: count }, (_, index) =>
    optOutOf(`${source}${index}@example.com`, { source, ...given }),
  );
  for (const optOut of all) await under.addEntry(optOut, HELD);
  return all.map(({ id }) => id);
}

describe('relay held', () => {
  it('lists held opt-outs, of one source if it is given', async () => {
    const [id = ''] = await hold('postal', 1);
    await hold('mailjet', 1);
    await under.addEntry(optOutOf('done@example.com', { source: 'postal' }), CONFIRMED);

    const [{ stdout, code }, all, listed] = await Promise.all([
      under.relay(['held', '--source', 'postal']),
      under.relay(['held']),
      under.relay(['held', '--source', 'postal', '--json']),
    ]);

    expect(code).toBe(0);
    expect(stdout).toMatch(
      new RegExp(`│ ${id.slice(0, 10)} │ \\S+ \\S+ │ postal │ opt_out │ surge-limit │ postal0@example.com │`),
    );
    expect(stdout).toContain(
      '1 held opt-out. To send it to HubSpot: relay release <id>. To drop it: relay discard <id>.\n',
    );
    expect(all.stdout).toContain('mailjet0@example.com');
    expect(jsonLines(listed.stdout)).toMatchObject([{ id, state: 'held', reason: 'surge-limit', source: 'postal' }]);
  });

  it('lists the first fifty and says how to list all', async () => {
    await hold('scaleway', 53);

    const { stdout } = await under.relay(['held', '--source', 'scaleway']);

    expect(stdout.match(/scaleway\d+@example\.com/g)).toHaveLength(50);
    expect(stdout).toContain('… and 3 more. Add --json to list all.\n53 held opt-outs. To send one to HubSpot:');
  });

  it('says so if none are held', async () => {
    expect(await under.relay(['held', '--source', 'braze'])).toEqual({
      stdout: 'No opt-outs are held.\n',
      stderr: '',
      code: 0,
    });
  });
});

describe('relay discard', () => {
  it('drops a held opt-out without calling HubSpot', async () => {
    const [id = '', other = ''] = await hold('unbounce', 2);

    const { stdout, code } = await under.relay(['discard', '--', id]);

    expect([code, stdout]).toEqual([0, '1 opt-out discarded.\n']);
    const { stdout: listed } = await under.relay(['held', '--source', 'unbounce', '--json']);
    expect(jsonLines(listed).map((entry) => entry.id)).toEqual([other]);
    const { stdout: explained } = await under.relay(['why', '--json', '--', id]);
    expect(jsonLines(explained)).toMatchObject([{ state: 'held', next: 'nothing', discardedAt: expect.any(String) }]);
    expect((await under.relay(['release', '--', id])).stderr).toContain('no held opt-out has an id that starts with');
    expect(await under.contact('unbounce0@example.com')).toMatchObject({ optedOut: false });
  });

  it('drops by source, and asks for confirmation of more than ten', async () => {
    await hold('jotform', 11);

    expect((await under.relay(['discard', '--source', 'jotform'])).stderr).toContain(
      'this changes 11 opt-outs: add --yes to confirm',
    );
    const { stdout } = await under.relay(['discard', '--source', 'jotform', '--yes', '--json']);

    expect(jsonLines(stdout)).toEqual([{ discarded: 11, skipped: 0 }]);
    expect((await under.relay(['held', '--source', 'jotform'])).stdout).toBe('No opt-outs are held.\n');
  });
});

describe('relay release', () => {
  it('sends one to HubSpot, by the first characters of its id', async () => {
    const [id = '', other = ''] = await hold('brevo', 2);

    const { stdout, code } = await under.relay(['release', '--', id.slice(0, 10)]);

    expect([code, stdout]).toEqual([0, '1 opt-out released.\n']);
    await waitForState(id, 'confirmed');
    expect(await under.contact('brevo0@example.com')).toMatchObject({ optedOut: true });
    expect(await stateOf(other)).toBe('held');
  });

  it('restores the expiry of a completed entry', async () => {
    const [id = ''] = await hold('klaviyo', 1);

    await under.relay(['release', '--', id]);
    await waitForState(id, 'confirmed');

    expect(await under.context.ledger.find(id)).toHaveProperty('expiresAt');
  });

  it('releases by source and time', async () => {
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

    expect(jsonLines(stdout)).toEqual([{ released: 1, skipped: 0 }]);
    await waitForState(meant, 'confirmed');
    expect([await stateOf(early), await stateOf(late)]).toEqual(['held', 'held']);
  });

  it('respects a newer opt-in', async () => {
    const [id = ''] = await hold('svix', 1, { hours: 30 });
    const timestamp = hoursAgo(2).toISOString();
    await under.sim('contacts/svix0@example.com', 'PUT', { statuses: [{ status: 'SUBSCRIBED', timestamp }] });

    await under.relay(['release', '--source', 'svix']);

    await waitForState(id, 'superseded');
  });

  it('asks for confirmation of more than ten, and changes nothing without it', async () => {
    const [id = ''] = await hold('tally', 11);

    const { stderr, stdout, code } = await under.relay(['release', '--source', 'tally'], { text: 'n\n', isTTY: true });

    expect(stderr).toMatch(/This changes 11 opt-outs. Continue\? \[y\/N\] .*Nothing was changed\.\n$/s);
    expect([code, stdout]).toEqual([1, '']);
    expect(await stateOf(id)).toBe('held');
    expect((await under.relay(['release', '--source', 'tally'])).stderr).toContain('add --yes to confirm');
    expect((await under.relay(['release', '--source', 'tally'], { text: 'y\n', isTTY: true })).code).toBe(0);
    await waitForState(id, 'confirmed');
  });

  it('does not ask with --yes', async () => {
    const [id = ''] = await hold('webflow', 11);

    expect((await under.relay(['release', '--source', 'webflow', '--yes'])).stdout).toBe('11 opt-outs released.\n');
    await waitForState(id, 'confirmed');
  });

  it.each<[string, readonly string[], string]>([
    ['no selection', [], 'expected either ids or --source'],
    ['ids and a source', ['--source', 'brevo', 'abcdefgh'], 'expected either ids or --source'],
    ['an unknown id', ['abcdefgh'], 'no held opt-out has an id that starts with abcdefgh'],
    ['a short id', ['abc'], 'an id has at least six letters, digits'],
    ['an address', ['ada@example.com'], 'an id has at least six letters, digits'],
    ['an invalid time', ['--source', 'brevo', '--after', 'ada@example.com'], '--after is not a time'],
  ])('rejects %s with 2', async (_what, args, sentence) => {
    const { stderr, stdout, code } = await under.relay(['release', ...args]);

    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(sentence);
    expect(stderr).not.toContain('ada@example.com');
  });
});
