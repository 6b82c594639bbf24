import { commandFor } from '../harness/commands.ts';
import type { Stage } from '../harness/stage.ts';
import { until } from '../harness/until.ts';
import { invokeEach } from './invocations.ts';
import { MARKS, markedEmail } from './marks.ts';

/** What HubSpot may say instead of what it should: it quotes whom and what it was asked. */
const QUOTED = markedEmail('quoted');
const SAID = { status: 'error', message: `${QUOTED} ${MARKS.secret}`, category: QUOTED };
export const FAULTS: readonly object[] = [
  ...[400, 401, 403, 404, 409, 414, 423, 429, 477, 500, 502, 503, 504].map((status) => ({ status, body: SAID })),
  { status: 429, body: { ...SAID, policyName: QUOTED }, headers: { 'Retry-After': QUOTED } },
  { status: 302, headers: { Location: `https://${MARKS.address}.example.com` }, body: '' },
  { status: 200, body: '' },
  { status: 200, body: `<html>${MARKS.address}` },
  { status: 200, body: { status: QUOTED, results: [{ status: QUOTED }], numErrors: 1, errors: [SAID] } },
  { status: 200, body: { status: 'COMPLETE', results: QUOTED }, headers: { 'X-HubSpot-Correlation-Id': 'c-1' } },
  { drop: 'before' },
  { drop: 'after' },
];
const SILENCE: readonly object[] = [{ delayMs: 6_000, status: 200, body: '' }];

/** Lets each fault meet an opt-out. */
export async function tellHubSpot(stage: Stage, silent: boolean): Promise<void> {
  for (const [number, fault] of [...FAULTS, ...(silent ? SILENCE : [])].entries()) {
    await stage.sim('faults', 'POST', [{ match: 'unsubscribe-all', ...fault }]);
    await stage.enqueue([commandFor(`${MARKS.address}-fault-${number}`)]);
    await until(
      () => stage.sim('faults') as Promise<readonly object[]>,
      (left) => left.length === 0,
      { limitMs: 120_000 },
    );
  }
}

/** What the sweep meets: opt-outs that HubSpot has lost, what has no message, and HubSpot in each of its troubles. */
export async function sweepAll(stage: Stage): Promise<void> {
  for (const fault of FAULTS) {
    await stage.sim(`contacts/${MARKS.address}-link@example.com`, 'PUT', { optedOut: false });
    await stage.sim('faults', 'POST', [{ match: 'communication-preferences', times: 3, ...fault }]);
    await invokeEach(['sweep']);
  }
  await stage.sim('faults', 'POST', []);
  await invokeEach(['sweep']);
}
