import process from 'node:process';
import { parseArgs } from 'node:util';
import { consoleSamples } from './console/samples.ts';
import { eventSamples } from './event-samples.ts';
import { bounceCommand } from './mail.ts';
import { curlOf, SHOW_STATUS, sampleLink } from './samples.ts';
import { readGivenSecrets } from './secrets.ts';
import type { Stack } from './stack.ts';
import { startStack } from './stack.ts';

/** Environment variables that are passed on to the functions if they are set. */
const SETTINGS = [
  'HUBSPOT_API_VERSION',
  'HUBSPOT_RATE_PER_10_S',
  'DELIVER_CONCURRENCY',
  'LEDGER_RETENTION_DAYS',
  'RELAY_MODE',
];

/** Runs the relay and its services in one process. Text for people goes to stderr, log lines to stdout. */
export async function main(): Promise<void> {
  // Everything in LOCAL_DIR is readable by this user only.
  process.umask(0o077);
  const { values } = parseArgs({ options: { samples: { type: 'boolean' }, endpoint: { type: 'string' } } });
  const endpoint = values.endpoint ?? process.env.AWS_ENDPOINT_URL;
  const { PORT = '8787', HUBSPOT_PORT = '8788', LOCAL_DIR = '.local', LOCAL_SECRETS, HUBSPOT_TOKEN } = process.env;
  const settings = SETTINGS.flatMap((name) => (process.env[name] ? [[name, process.env[name]] as const] : []));
  const baseUrl = process.env.HUBSPOT_BASE_URL || 'https://api.hubapi.com';
  const stack = await startStack({
    dir: LOCAL_DIR,
    port: portOf('PORT', PORT),
    hubspotPort: portOf('HUBSPOT_PORT', HUBSPOT_PORT),
    secrets: readGivenSecrets(LOCAL_SECRETS),
    settings: Object.fromEntries(settings),
    endpoint,
    hubspot: HUBSPOT_TOKEN ? { token: HUBSPOT_TOKEN, baseUrl } : undefined,
  });
  stopOnSignal(stack);
  if (values.samples) say(await samples(stack, LOCAL_DIR));
  say(await welcome({ stack, dir: LOCAL_DIR, isSimulated: !HUBSPOT_TOKEN, endpoint }));
}

function portOf(name: string, text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error(`${name} must be a port number`);
  return port;
}

function stopOnSignal(stack: Stack): void {
  const stop = () => {
    say('Stopping after the current batch. The other messages stay on the queue.');
    stack.stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

interface Printed {
  readonly stack: Stack;
  readonly dir: string;
  readonly isSimulated: boolean;
  readonly endpoint: string | undefined;
}

async function welcome({ stack, dir, isSimulated, endpoint }: Printed): Promise<string> {
  const contacts = isSimulated ? `${stack.hubspotUrl}/_sim/contacts` : stack.hubspotUrl;
  return `
optout-relay is running. Open the console, press a button and follow the opt-out to HubSpot:

  Console                        ${stack.url}/_local
  A landing page with the form   ${stack.url}/_local/landing
  A sealed unsubscribe link      ${stack.url}${await sampleLink('grace@example.com')}
  ${(isSimulated ? 'Contacts in the simulator' : 'HubSpot').padEnd(31)}${contacts}

Or opt out an address from here:

curl -d email=ada@example.com -H 'accept: application/json' ${stack.url}/unsubscribe

More samples     npm start -- --samples
Open opt-outs    npx relay status --env ${dir}/env

${endpoint ? `Queues, ledger and secrets are at ${endpoint}.` : `Data in ${dir}/ survives a restart.`} ${dir}/env points other tools to this stack. Ctrl-C stops.
`;
}

async function samples({ url }: Stack, dir: string): Promise<string> {
  const sendgrid = consoleSamples(dir).find(({ name }) => name === 'sendgrid');
  const link = await sampleLink('grace@example.com');
  const all = [
    ...eventSamples().map(({ title, commands }) => [title, commands]),
    ['A bounce, as SES stores it in S3', (await bounceCommand('hedy@example.com')) + SHOW_STATUS],
    ['A signed SendGrid webhook', await sendgrid?.commands('alan@example.com', url)],
    [
      'One-click unsubscribe from an email client (RFC 8058)',
      curlOf(url, { path: link, headers: {}, body: 'List-Unsubscribe=One-Click' }) + SHOW_STATUS,
    ],
  ];
  return `\nSamples to paste:\n\n${all.map(([title, command]) => `  ${title}:\n\n${command}\n`).join('\n')}`;
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
