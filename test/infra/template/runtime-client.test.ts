import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { linkEvents, sampleEvents } from '../../../bench/events.ts';
import { putEvent } from '../../../local/aws/objects.ts';
import { allowed, folder, functions, logicalId } from './reading.ts';
import type { Answered, Execution } from './runtime-api.ts';
import { execute } from './runtime-api.ts';
import type { Services } from './services.ts';
import { startServices } from './services.ts';

interface Case {
  readonly what: string;
  readonly event: unknown;
  readonly answer: unknown;
}

const { webhook, unsubscribe, deliver } = JSON.parse(JSON.stringify(sampleEvents(new Date())).replaceAll('@N@', '1'));
const links = await linkEvents();
const html = { 'content-type': expect.stringContaining('text/html') };
const [command] = deliver.Records;

/** Where a mail is. */
const MAIL = { bucket: 'mail-bucket', key: 'mail/1' };
const { pathParameters } = links['POST /u/{token}'] as { readonly pathParameters: { readonly token: string } };

/** What comes in, and what the documentation says is answered. */
const CASES: Readonly<Record<string, readonly Case[]>> = {
  webhook: [
    { what: 'a signed event', event: webhook, answer: { statusCode: 200, body: '' } },
    { what: 'a changed one', event: { ...webhook, body: `${webhook.body} ` }, answer: { statusCode: 401 } },
  ],
  unsubscribe: [
    { what: 'a look at a link', event: links['GET /u/{token}'], answer: { statusCode: 200, headers: html } },
    { what: 'a one-click', event: links['POST /u/{token}'], answer: { statusCode: 200, headers: html } },
    {
      what: 'the form',
      event: unsubscribe,
      answer: { statusCode: 303, headers: { location: expect.stringMatching(/^\/receipts\//) } },
    },
  ],
  deliver: [
    {
      what: 'a batch of which one is nothing of ours',
      event: { Records: [command, { ...command, messageId: 'broken', body: '{' }] },
      answer: { batchItemFailures: [{ itemIdentifier: 'broken' }] },
    },
  ],
  events: [
    {
      what: 'an opt-out that a system of one’s own asks for',
      event: {
        id: 'a3f1c2b0-0000-4000-8000-000000000001',
        source: 'com.example.crm',
        'detail-type': 'Opt-Out Requested',
        time: new Date().toISOString(),
        detail: { version: 1, email: 'ada-1@example.com' },
      },
      answer: null,
    },
  ],
  mailbox: [{ what: 'a mail that SES has stored', event: putEvent(MAIL, new Date()), answer: null }],
  sweep: [{ what: 'a run', event: { time: new Date().toISOString() }, answer: null }],
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

describe.each(functions)("%s, under AWS's own runtime", (name) => {
  let execution: Execution;
  beforeAll(async () => {
    execution = await execute(unzipped(name), services.variablesFor(name));
  });
  afterAll(() => execution.stop());

  it('answers as documented, and asks nothing of AWS that its role forbids', async () => {
    const answers: Answered[] = [];
    for (const { what, event, answer } of CASES[name] ?? []) {
      const answered = await execution.invoke(event);
      expect({ answer: answered.answer }, what).toMatchObject({ answer });
      answers.push(answered);
    }

    const may = allowed(`${logicalId(name)}Role`).map((sentence) => sentence.split(' ')[0]);
    for (const call of services.calls()) expect(may).toContain(call.replace(/Batch$/, ''));
    print(name, execution, answers);
  });
});

it('says at the start which variable is missing', async () => {
  const started = execute(unzipped('webhook', 'bare'), {});

  await expect(started).rejects.toThrow(/PUBLIC_URL is missing/);
});

it('has told HubSpot', async () => {
  const response = await fetch(`${services.hubspotUrl}/_sim/contacts/ada-1@example.com`);

  expect(await response.json()).toMatchObject({ optedOut: true, optOutWrites: 1 });
});

/** What is in the ZIP, where Lambda would put it. */
function unzipped(name: string, to = name): string {
  const root = join(dir, to);
  mkdirSync(root);
  const files = unzipSync(readFileSync(join(folder, `${name}.zip`)));
  for (const [file, bytes] of Object.entries(files)) writeFileSync(join(root, file), bytes);
  return root;
}

function print(name: string, { startedInMs }: Execution, answers: readonly Answered[]): void {
  const took = answers.map(({ tookMs }) => Math.round(tookMs)).join(', ');
  const megabytes = Math.max(0, ...answers.map((each) => each.megabytes));
  process.stdout.write(`${name}: cold start ${Math.round(startedInMs)} ms, then ${took} ms, ${megabytes} MB\n`);
}
