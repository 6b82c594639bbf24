import type { Watch } from './console/watch.ts';
import { startEmbedded } from './embedded.ts';
import { connect } from './endpoint.ts';
import type { HubSpotSimulator } from './hubspot/simulator.ts';
import { startHubSpotSimulator } from './hubspot/simulator.ts';
import type { GivenSecrets } from './secrets.ts';
import { prepareSecrets } from './secrets.ts';
import type { Template } from './template.ts';

/** Options of the services. */
export interface ServicesOptions {
  /** Folder for everything durable. */
  readonly dir: string;
  readonly hubspotPort: number;
  readonly secrets: GivenSecrets;
  /** URL of another implementation of AWS, such as LocalStack or moto. If omitted, the embedded one is started. */
  readonly endpoint?: string | undefined;
  /** A token of the real HubSpot. If omitted, the simulator is started. */
  readonly hubspot?: { readonly token: string; readonly baseUrl: string } | undefined;
}

/** Starts or connects the AWS services and, without a HubSpot token, starts the HubSpot simulator. */
export async function startServices(template: Template, options: ServicesOptions, watch: Watch) {
  const { endpoint, dir } = options;
  const aws = endpoint ? await connect(endpoint, template) : await startEmbedded(template, dir);
  const token = options.hubspot && { hubspot: { token: options.hubspot.token } };
  const { hubspot } = await prepareSecrets(aws.secrets, { ...options.secrets, ...token }, dir);
  const simulator = options.hubspot ? undefined : await startSimulator(options, hubspot, watch);
  const close = async () => {
    await Promise.all([aws.close(), simulator?.close()]);
  };
  return { aws, close, hubspotUrl: simulator?.url ?? options.hubspot?.baseUrl ?? '' };
}

/** The simulator accepts the credentials in the `hubspot` secret. */
async function startSimulator(
  { hubspotPort, dir }: ServicesOptions,
  secret: string,
  watch: Watch,
): Promise<HubSpotSimulator> {
  const credentials = secret.startsWith('{') ? JSON.parse(secret) : { token: secret };
  const tokens = typeof credentials.token === 'string' ? [credentials.token] : [];
  const oauth = credentials.oauth ? { oauth: credentials.oauth } : {};
  const { relayConfig } = await import('../relay.config.ts');
  const brands = Object.values(relayConfig.businessUnitIds).map(Number);
  return startHubSpotSimulator({ port: hubspotPort, dir, tokens, brands, ...oauth, watch: watch.call });
}
