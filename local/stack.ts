import { mkdirSync } from 'node:fs';
import { createConsole } from './console/console.ts';
import { createWatch } from './console/watch.ts';
import { environmentOf, setEnvironment } from './environment.ts';
import { loadRoutes, startPolling, startSweeping } from './functions.ts';
import type { GatewayRoute, LocalRoutes } from './gateway.ts';
import { startGateway } from './gateway.ts';
import { landingPage } from './landing.ts';
import { NAMES } from './resources.ts';
import type { ServicesOptions } from './services.ts';
import { startServices } from './services.ts';
import { readTemplate } from './template.ts';

export interface StackOptions extends ServicesOptions {
  /** 0 takes a free port. */
  readonly port: number;
  /** Environment variables for the functions, such as `HUBSPOT_API_VERSION` and `DELIVER_CONCURRENCY`. */
  readonly settings: Readonly<Record<string, string>>;
}

/** The running relay, with the services it uses. */
export interface Stack {
  readonly url: string;
  /** URL of the simulator, or of the real HubSpot. */
  readonly hubspotUrl: string;
  /** Runs the sweep, with `at` as its scheduled time. @default now */
  sweep(at?: Date): Promise<void>;
  /** Stops in order: requests, the current batch, then the services. */
  stop(): Promise<void>;
}

/** Values for the parameters and references in the event rules of the template. */
const TEMPLATE_VALUES = {
  '{ Ref: AWS::AccountId }': "'000000000000'",
  '${param:salesforceBus}': 'aws.partner/salesforce.com/00D5e000000KQ2eEAG/0YL5e0000000001CAA',
};

/** Starts the relay in this process, on loopback. Sets the environment that the functions read. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const template = readTemplate(new URL('../', import.meta.url), TEMPLATE_VALUES);
  mkdirSync(options.dir, { recursive: true, mode: 0o700 });
  const routes: GatewayRoute[] = [];
  const local: Record<string, LocalRoutes[string]> = { 'GET /_local/landing': landingPage };
  const watch = createWatch();
  // Imported here because tests replace it before they start a stack.
  const { relayConfig } = await import('../relay.config.ts');
  const gateway = await startGateway({
    port: options.port,
    routes: () => routes,
    local: () => local,
    watch: watch.request,
    origins: relayConfig.origins,
  }).catch((error: unknown) => {
    watch.close();
    throw error;
  });
  const url = `http://127.0.0.1:${gateway.port}`;
  const { aws, hubspotUrl, close } = await startServices(template, options, watch);
  const env = { ...environmentOf({ url, hubspotUrl, aws }), ...options.settings };
  setEnvironment(env, options.dir);
  const isSimulated = options.hubspot === undefined;
  const sweeping = await startSweeping(template);
  const console = createConsole({
    watch,
    url,
    hubspotUrl,
    isSimulated,
    dir: options.dir,
    sweep: sweeping.run,
    queueUrls: [aws.urlOf(NAMES.queue), aws.urlOf(NAMES.bulk)],
    deadLettersUrl: aws.urlOf(NAMES.deadLetters),
  });
  Object.assign(local, console.routes);
  routes.push(...(await loadRoutes(template)));
  const stopPolling = await startPolling(env, {
    events: aws.urlOf(NAMES.events),
    mailbox: aws.urlOf(NAMES.mail),
  });
  const stop = async () => {
    await gateway.close();
    await Promise.all([stopPolling(), sweeping.stop()]);
    console.close();
    await close();
  };
  return { url, hubspotUrl, sweep: sweeping.run, stop };
}
