import process from 'node:process';
import { eventSamples } from './event-samples.ts';
import { bounceCommand } from './mail.ts';
import { curlOf, SHOW_STATUS, sampleLink, sendgridSample } from './samples.ts';
import { readGivenSecrets } from './secrets.ts';
import type { Stack } from './stack.ts';
import { startStack } from './stack.ts';

/** Settings that are handed on to the functions when the user has set them. */
const SETTINGS = ['HUBSPOT_API_VERSION', 'HUBSPOT_RATE_PER_10_S', 'DELIVER_CONCURRENCY', 'LEDGER_RETENTION_DAYS'];

/** `npm start`: the relay and everything it stands on, in one process. People read stderr, programs read stdout. */
async function main(): Promise<void> {
  const { PORT = '8787', HUBSPOT_PORT = '8788', LOCAL_DIR = '.local', LOCAL_SECRETS, HUBSPOT_TOKEN } = process.env;
  const settings = SETTINGS.flatMap((name) => (process.env[name] ? [[name, process.env[name]] as const] : []));
  const baseUrl = process.env.HUBSPOT_BASE_URL || 'https://api.hubapi.com';
  const stack = await startStack({
    dir: LOCAL_DIR,
    port: portOf('PORT', PORT),
    hubspotPort: portOf('HUBSPOT_PORT', HUBSPOT_PORT),
    secrets: readGivenSecrets(LOCAL_SECRETS),
    settings: Object.fromEntries(settings),
    hubspot: HUBSPOT_TOKEN ? { token: HUBSPOT_TOKEN, baseUrl } : undefined,
  });
  stopOnSignal(stack);
  say(await welcome(stack, { isSimulated: !HUBSPOT_TOKEN, dir: LOCAL_DIR }));
}

function portOf(name: string, text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error(`${name} must be a port number`);
  return port;
}

function stopOnSignal(stack: Stack): void {
  const stop = () => {
    say('Stopping: the batch at hand is finished, the rest stays on the queue.');
    stack.stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

async function welcome(stack: Stack, at: { readonly isSimulated: boolean; readonly dir: string }): Promise<string> {
  const link = await sampleLink('grace@example.com');
  const ways = [
    ...eventSamples().map(({ title, commands }) => [title, commands]),
    [
      'What a mail server sends back when an address is gone, as SES stores it in S3',
      (await bounceCommand('hedy@example.com')) + SHOW_STATUS,
    ],
    ['What SendGrid sends, signed', curlOf(stack.url, sendgridSample('alan@example.com', new Date())) + SHOW_STATUS],
    [
      'What a mail client sends when its reader presses "unsubscribe" (RFC 8058)',
      curlOf(stack.url, { path: link, headers: {}, body: 'List-Unsubscribe=One-Click' }) + SHOW_STATUS,
    ],
  ];
  return `
optout-relay is running. Ways in, each to be pasted:

${ways.map(([title, command]) => `  ${title}:\n\n${command}\n`).join('\n')}
To click:

  Watch it work                  ${stack.url}/_local
  The form on a landing page     ${stack.url}/_local/landing
  A sealed unsubscribe link      ${stack.url}${link}
  What HubSpot knows now         ${at.isSimulated ? `${stack.hubspotUrl}/_sim/contacts` : stack.hubspotUrl}

What waits, and why:  npm run -s relay -- status --env ${at.dir}/env
State is in ${at.dir}/ and survives a kill; ${at.dir}/env points other tools here. Ctrl-C stops.
`;
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

function explain(error: unknown): string {
  const { code, port, message } = error as { code?: string; port?: number; message?: string };
  if (code !== 'EADDRINUSE') return `optout-relay cannot start: ${message}`;
  return `Port ${port} is taken: stop what listens there, or set PORT or HUBSPOT_PORT to a free one.`;
}

function requireNode(): void {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 18)) return;
  throw new Error(`Node ${process.versions.node} is too old here. Run "npm ci" first and start with "npm start".`);
}

try {
  requireNode();
  await main();
} catch (error) {
  say(explain(error));
  process.exit(1);
}
