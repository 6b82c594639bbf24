import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { linkEvents, sampleEvents } from '../../../bench/events.ts';
import { putEvent } from '../../../local/aws/objects.ts';
import type { Execution, Invocation } from './runtime-api.ts';
import { execute } from './runtime-api.ts';
import type { Services } from './services.ts';
import { startServices } from './services.ts';
import { allowed, folder, functions, logicalId } from './template.ts';

interface Case {
  readonly what: string;
  readonly event: unknown;
  readonly response: unknown;
}

const { webhook, unsubscribe, deliver } = JSON.parse(JSON.stringify(sampleEvents(new Date())).replaceAll('@N@', '1'));
const links = await linkEvents();
const html = { 'content-type': expect.stringContaining('text/html') };
const [command] = deliver.Records;
/** The same for another person. */
const mayWait = { ...command, body: command.body.replace('ada-1', 'ada-2').replace('A'.repeat(43), 'B'.repeat(43)) };

/** Location of a stored mail. */
const MAIL = { bucket: 'mail-bucket', key: 'mail/1' };
const { pathParameters } = links['POST /u/{token}'] as { readonly pathParameters: { readonly token: string } };

/** Events for each function and the documented responses. */
const CASES: Readonly<Record<string, readonly Case[]>> = {
  webhook: [
    { what: 'a signed event', event: webhook, response: { statusCode: 200, body: '' } },
    { what: 'a modified event', event: { ...webhook, body: `${webhook.body} ` }, response: { statusCode: 401 } },
  ],
  unsubscribe: [
    { what: 'opening a link', event: links['GET /u/{token}'], response: { statusCode: 200, headers: html } },
    { what: 'a one-click', event: links['POST /u/{token}'], response: { statusCode: 200, headers: html } },
    {
      what: 'a form post',
      event: unsubscribe,
      response: { statusCode: 303, headers: { location: expect.stringMatching(/^\/receipts\//) } },
    },
  ],
  deliver: [
    {
      what: 'a batch with one invalid message',
      event: { Records: [command, { ...command, messageId: 'broken', body: '{' }] },
      response: { batchItemFailures: [{ itemIdentifier: 'broken' }] },
    },
  ],
  bulk: [{ what: 'an opt-out that may wait', event: { Records: [mayWait] }, response: { batchItemFailures: [] } }],
  events: [
    {
      what: 'an Opt-Out Requested event',
      event: {
        id: 'a3f1c2b0-0000-4000-8000-000000000001',
        source: 'com.example.crm',
        'detail-type': 'Opt-Out Requested',
        time: new Date().toISOString(),
        detail: { version: 1, email: 'ada-1@example.com' },
      },
      response: null,
    },
  ],
  mailbox: [{ what: 'a mail stored by SES', event: putEvent(MAIL, new Date()), response: null }],
  sweep: [{ what: 'a run', event: { time: new Date().toISOString() }, response: null }],
};

let dir: string;
let services: Services;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'optout-relay-runtime-'));
  services = await startServices(dir);
  await services.store(MAIL, `Subject: ${pathParameters.token}\r\n\r\n`);
});
afterAll(async () => {
  await services.close();
  rmSync(dir, { recursive: true, force: true });
});

describe.each(functions)("%s, in AWS's runtime client", (name) => {
  let execution: Execution;
  beforeAll(async () => {
    execution = await execute(unzipped(name), services.variablesFor(name));
  });
  afterAll(() => execution.stop());

  it('responds as documented, and calls only what its role allows', async () => {
    const invocations: Invocation[] = [];
    const cases = CASES[name] ?? [];
    expect(cases.length).toBeGreaterThan(0);
    for (const { what, event, response } of cases) {
      const invocation = await execution.invoke(event);
      expect({ response: invocation.response }, what).toMatchObject({ response });
      invocations.push(invocation);
    }

    const may = allowed(`${logicalId(name)}Role`).map((sentence) => sentence.split(' ')[0]);
    for (const call of services.calls()) expect(may).toContain(call.replace(/Batch$/, ''));
    print(name, execution, invocations);
  });
});

it('fails at initialization with the name of the missing variable', async () => {
  const started = execute(unzipped('webhook', 'bare'), {});

  await expect(started).rejects.toThrow(/PUBLIC_URL is missing/);
});

it.each(['ada-1', 'ada-2'])('opted %s out in HubSpot once', async (name) => {
  const response = await fetch(`${services.hubspotUrl}/_sim/contacts/${name}@example.com`);

  expect(await response.json()).toMatchObject({ optedOut: true, optOutWrites: 1 });
});

/** Extracts the ZIP as Lambda does and returns the folder. */
function unzipped(name: string, to = name): string {
  const root = join(dir, to);
  mkdirSync(root);
  const files = unzipSync(readFileSync(join(folder, `${name}.zip`)));
  for (const [file, bytes] of Object.entries(files)) writeFileSync(join(root, file), bytes);
  return root;
}

function print(name: string, { startedInMs }: Execution, invocations: readonly Invocation[]): void {
  const took = invocations.map(({ tookMs }) => Math.round(tookMs)).join(', ');
  const megabytes = Math.max(0, ...invocations.map((each) => each.megabytes));
  process.stdout.write(`${name}: cold start ${Math.round(startedInMs)} ms, then ${took} ms, ${megabytes} MB\n`);
}
