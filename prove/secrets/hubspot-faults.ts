import { commandFor } from '../harness/commands.ts';
import type { Stage } from '../harness/stage.ts';
import { until } from '../harness/until.ts';
import { invokeEach } from './invocations.ts';
import { MARKS, markedEmail } from './marks.ts';

/** Error responses of HubSpot that repeat the address and the token of the request. */
const QUOTED = markedEmail('quoted');
const ERROR_BODY = { status: 'error', message: `${QUOTED} ${MARKS.secret}`, category: QUOTED };
const FAULTS: readonly object[] = [
  ...[400, 401, 403, 404, 409, 414, 423, 429, 477, 500, 502, 503, 504].map((status) => ({ status, body: ERROR_BODY })),
  { status: 429, body: { ...ERROR_BODY, policyName: QUOTED }, headers: { 'Retry-After': QUOTED } },
  { status: 302, headers: { Location: `https://${MARKS.address}.example.com` }, body: '' },
  { status: 200, body: '' },
  { status: 200, body: `<html>${MARKS.address}` },
  { status: 200, body: { status: QUOTED, results: [{ status: QUOTED }], numErrors: 1, errors: [ERROR_BODY] } },
  { status: 200, body: { status: 'COMPLETE', results: QUOTED }, headers: { 'X-HubSpot-Correlation-Id': 'c-1' } },
  { drop: 'before' },
  { drop: 'after' },
];
const TIMEOUTS: readonly object[] = [{ delayMs: 6_000, status: 200, body: '' }];

/** Delivers one opt-out for each fault. */
export async function deliverWithFaults(stage: Stage, timeouts: boolean): Promise<void> {
  for (const [number, fault] of [...FAULTS, ...(timeouts ? TIMEOUTS : [])].entries()) {
    await stage.sim('faults', 'POST', [{ match: 'unsubscribe-all', times: 1, ...fault }]);
    await stage.enqueue([commandFor(`${MARKS.address}-fault-${number}`)]);
    await until(
      () => stage.sim('faults') as Promise<readonly object[]>,
      (remaining) => remaining.length === 0,
      { limitMs: 120_000 },
    );
  }
}

/** Sweeps once for each fault, with an opt-out that HubSpot has lost, and once without a fault. */
export async function sweepWithFaults(stage: Stage): Promise<void> {
  for (const fault of FAULTS) {
    await stage.sim(`contacts/${MARKS.address}-link@example.com`, 'PUT', { optedOut: false });
    await stage.sim('faults', 'POST', [{ match: 'communication-preferences', times: 3, ...fault }]);
    await invokeEach(['sweep']);
  }
  await stage.sim('faults', 'POST', []);
  await invokeEach(['sweep']);
}
