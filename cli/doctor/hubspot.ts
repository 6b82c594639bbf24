import { readEnvironment } from '../../functions/config/environment.ts';
import { supportDaysLeft } from '../../functions/core/delivery/hubspot.ts';
import type { Finding } from './finding.ts';
import { examine, fault, ok, warning } from './finding.ts';
import type { Probes } from './probe.ts';
import { probeHubSpot } from './probe.ts';

/** The token and what it may do, the account's tier, the version in use and the limits. */
export function checkHubSpot(now: Date): Promise<readonly Finding[]> {
  const check = async () => {
    const env = readEnvironment('HUBSPOT_SECRET', 'HUBSPOT_BASE_URL', 'HUBSPOT_API_VERSION', 'HUBSPOT_RATE_PER_10_S');
    const probes = await probeHubSpot(env);
    const trouble = troubleWith(probes);
    const version = versionFinding(env.HUBSPOT_API_VERSION, supportDaysLeft(env.HUBSPOT_API_VERSION, now));
    if (trouble) return [trouble, version];
    const limits = [rateFinding(probes, env.HUBSPOT_RATE_PER_10_S), dailyFinding(probes)];
    return [ok('token', 'HubSpot takes it'), ...scopeFindings(probes), tierFinding(probes), version, ...limits];
  };
  return examine('token', check, 'see HUBSPOT_SECRET');
}

/** What makes every other check useless. */
function troubleWith({ definitions, status }: Probes): Finding | undefined {
  const answers = [definitions, status];
  if (answers.includes(0))
    return fault('token', 'HubSpot does not answer', 'is HUBSPOT_BASE_URL right? https://status.hubspot.com');
  if (answers.includes(401))
    return fault('token', 'HubSpot does not know it', 'put a good one into the hubspot secret');
  const down = answers.find((each) => each >= 500);
  if (down)
    return warning('token', `HubSpot is in trouble: it answers ${down}`, 'try again; https://status.hubspot.com');
  if (answers.includes(429))
    return warning('token', 'HubSpot holds us back', 'try again in a while; see the daily limit');
  if (answers.every((each) => each === 404)) {
    return fault('token', 'HubSpot has no such endpoint', 'is HUBSPOT_API_VERSION one that it supports?');
  }
  return undefined;
}

const READ = 'communication_preferences.read';
/** In the v4 guide, where the first one is enough, and in that of 2026-03. */
const WRITE = ['communication_preferences.write', 'communication_preferences.read_write', 'subscriptions-status-write'];
const CONTACTS = 'crm.objects.contacts.read';

function scopeFindings({ scopes, definitions, status }: Probes): readonly Finding[] {
  const grant = (name = '') => `grant the token ${name} in HubSpot`;
  const refused = Math.max(definitions, status);
  const read =
    refused < 400 ? ok('scope to read', 'granted') : fault('scope to read', `HubSpot answers ${refused}`, grant(READ));
  if (scopes === undefined) return [read, ok('scope to write', UNTOLD)];
  const write = WRITE.some((scope) => scopes.includes(scope))
    ? ok('scope to write', 'granted')
    : fault('scope to write', 'not granted: nobody can be opted out', grant(WRITE[0]));
  const contacts = scopes.includes(CONTACTS)
    ? ok('scope of contacts', 'granted')
    : warning('scope of contacts', 'not granted', `${grant(CONTACTS)}, if the source "hubspot" is used`);
  return [read, write, contacts];
}

const UNTOLD = 'HubSpot does not tell for this kind of token; the first opt-out will show it';

function tierFinding({ batch }: Probes): Finding {
  if (batch < 400) return ok('tier', 'batch reads are allowed');
  return ok(
    'tier',
    `no batch reads (HubSpot answers ${batch}; Marketing Hub Enterprise has them): they are made one by one`,
  );
}

const SOON_DAYS = 60;

function versionFinding(version: string, daysLeft: number): Finding {
  const fix = 'set HUBSPOT_API_VERSION to a later one and deploy';
  if (daysLeft < 0) return fault('version', `${version} is not supported any more`, fix);
  const says = `${version}, supported for ${daysLeft} days`;
  return daysLeft < SOON_DAYS ? warning('version', says, fix) : ok('version', says);
}

function rateFinding({ limit }: Probes, configured: number): Finding {
  if (limit === undefined) return warning('rate', 'HubSpot does not tell its limit', 'compare it with your plan');
  const allowed = Math.floor((limit.max * 10_000) / limit.intervalMs);
  const says = `${configured} calls in 10 s are configured, ${allowed} allowed`;
  if (configured > allowed) return fault('rate', says, `set HUBSPOT_RATE_PER_10_S to ${allowed} at most and deploy`);
  return ok('rate', says);
}

const LOW_SHARE = 0.1;

function dailyFinding({ daily }: Probes): Finding {
  if (daily === undefined) return ok('daily limit', 'none for this kind of token');
  const says = `${daily.left.toLocaleString('en')} of ${daily.max.toLocaleString('en')} calls left today`;
  const fix = 'what calls so often? All private apps of the account share it; it is reset at midnight';
  return daily.left < daily.max * LOW_SHARE ? warning('daily limit', says, fix) : ok('daily limit', says);
}
