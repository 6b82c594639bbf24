import { sources } from '../functions/sources/index.ts';
import type { See } from './leaks.ts';
import { seeFiles, seeOutgoing } from './leaks.ts';
import { formsOf, MARKS, markedKeyOf, marksIn } from './marks.ts';
import { takeOutput } from './output.ts';
import type { Proven } from './proof.ts';
import { openTrial } from './proof.ts';
import { publishCertificates } from './published.ts';
import { openStage } from './stage.ts';
import { postAll } from './traffic.ts';
import { breakThings, tellHubSpot } from './trouble.ts';

export interface SecretsSize {
  /** How many of its fixtures each source sends. */
  readonly fixtures: number;
  /** Whether HubSpot also does not answer at all, which takes half a minute. */
  readonly silent: boolean;
}

/** The files of the stack in which they have to be: the queue, the ledger and HubSpot itself; Secrets Manager. */
const BELONG = {
  [MARKS.address]: /^(?:fauxqs\.db|dynamodb|hubspot\.sqlite)/,
  [MARKS.secret]: /^secrets-manager\.sqlite/,
};

/** A run in which all addresses and secrets are marked; nothing that can be seen from outside may hold a mark. */
export async function proveNothingLeaks({ fixtures, silent }: SecretsSize): Promise<Proven> {
  const trial = openTrial('leaked', 'secrets and addresses');
  const figures = { 'the log': 0, 'a call': 0, 'an answer': 0, 'a file': 0 };
  const see: See = (place, of, text) => {
    figures[place] += 1;
    const told = marksIn(text).filter((mark) => place !== 'a file' || !BELONG[mark].test(of));
    trial.holds(told.length === 0, () => `${place} (${of}) tells ${told.join(' and ')}`);
  };
  for (const [form, text] of Object.entries(formsOf(Object.values(MARKS).join(' ')))) {
    trial.holds(marksIn(`x${text}x`).length === 2, () => `the search does not find a mark in ${form}`);
  }
  const ends = [takeOutput('stderr', (text) => see('the log', 'stderr', text)), publishCertificates()];
  const stage = await openStage({ secrets: markedSecrets(), see: (text) => see('the log', 'stdout', text) });
  ends.push(seeOutgoing(see));
  const stop = await stage.deliverWith({ DELIVER_CONCURRENCY: '2', HUBSPOT_RATE_PER_10_S: '5000' });
  await postAll(stage, { fixtures, see });
  await tellHubSpot(stage, silent);
  await stop();
  await breakThings(stage);
  seeFiles(stage.dir, see);
  await stage.stop();
  for (const end of ends) end();
  return trial.proven(figures);
}

function markedSecrets() {
  return {
    hubspot: { token: `pat-${MARKS.secret}` },
    sources: Object.fromEntries(sources.map(({ name }) => [name, [markedKeyOf(name).secret]])),
    links: { keys: [{ kid: 'prove', key: markedBytes('links') }], apiKeys: [`${MARKS.secret}-links`] },
    receipts: { keys: [{ kid: 'prove', privateKey: markedBytes('receipts') }], hashKeys: [markedBytes('hash')] },
  };
}

/** 32 of them with the mark in them. */
function markedBytes(name: string): string {
  return Buffer.from(`${MARKS.secret}-${name}`.padEnd(32, '.')).toString('base64url');
}
