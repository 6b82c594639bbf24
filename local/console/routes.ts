import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import type { LocalRoutes } from '../gateway.ts';
import { sendPage } from '../send-page.ts';
import type { FaultPlan } from './faults.ts';
import { faults } from './faults.ts';
import type { Feed } from './feed.ts';
import type { ConsoleSample } from './samples.ts';
import { consoleSamples, sendSample } from './samples.ts';

export interface ConsolePorts {
  readonly feed: Feed;
  /** URL of the running relay. */
  readonly url: string;
  readonly hubspotUrl: string;
  /** Folder of everything durable. */
  readonly dir: string;
  /** Undefined if the real HubSpot is used. */
  readonly plan: FaultPlan | undefined;
  readonly sweep: () => Promise<void>;
  /** Publishes changes immediately. */
  readonly refresh: () => Promise<void>;
}

/** Routes of the console, `/_local`. They are part of the local stack only. */
export function consoleRoutes(ports: ConsolePorts): LocalRoutes {
  const { feed, url, hubspotUrl, plan } = ports;
  const samples = consoleSamples(ports.dir);
  feed.publish('setup', '', {
    hubspot: { isSimulated: plan !== undefined, url: hubspotUrl },
    samples: samples.map(({ name, label, expected, signer }) => ({ name, label, expected, signer })),
    faults: Object.entries(faults).map(([name, { label, short, see }]) => ({ name, label, short, see })),
  });
  return {
    'GET /_local': ({ response }) => showPage(response),
    'GET /_local/events': ({ response }) => feed.connect(response),
    'POST /_local/send/{sample}': ({ response, parameters }) => {
      const sample = samples.find(({ name }) => name === parameters.sample);
      return sample ? send(response, sample, url) : json(response, 404, { problem: 'Unknown sample.' });
    },
    'POST /_local/break/{fault}': ({ request, response, parameters: { fault = '' } }) => {
      const times = /[?&]times=([1-9]\d{0,3})$/.exec(request.url ?? '')?.[1];
      if (!Object.hasOwn(faults, fault)) return json(response, 404, { problem: 'Unknown fault.' });
      return change(response, ports, (plan) => plan.break(fault, times === undefined ? undefined : Number(times)));
    },
    'POST /_local/sweep': async ({ response }) => {
      // The log has the error.
      const hasFailed = await ports.sweep().then(
        () => false,
        () => true,
      );
      json(response, hasFailed ? 500 : 200, hasFailed ? { problem: 'A part of the sweep failed. See the log.' } : {});
    },
    'POST /_local/repair': ({ response }) => change(response, ports, (plan) => plan.repair()),
  };
}

function showPage(response: ServerResponse): void {
  const page = readFileSync(new URL('page.html', import.meta.url), 'utf8');
  const script = /<script>([\s\S]*?)<\/script>/.exec(page)?.[1] ?? '';
  const hash = createHash('sha256').update(script).digest('base64');
  sendPage(response, page, { script: `'sha256-${hash}'`, formAction: "'none'" });
}

async function send(response: ServerResponse, sample: ConsoleSample, origin: string): Promise<void> {
  try {
    json(response, 200, { ...(await sendSample(sample, origin)), expected: sample.expected });
  } catch (error) {
    json(response, 500, { problem: error instanceof Error ? error.message : 'Could not send it.' });
  }
}

async function change(
  response: ServerResponse,
  { plan, refresh }: ConsolePorts,
  make: (plan: FaultPlan) => Promise<void>,
): Promise<void> {
  if (!plan) return json(response, 409, { problem: 'The real HubSpot is in use and cannot be changed from here.' });
  await make(plan);
  await refresh();
  json(response, 200, { ...(await plan.current()) });
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
}
