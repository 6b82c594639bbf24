import { readEnvironment } from '../../functions/config/environment.ts';
import { supportDaysLeft } from '../../functions/core/delivery/hubspot.ts';
import { relayConfig } from '../../relay.config.ts';
import { compareWithConfig } from './brands.ts';
import type { Finding } from './finding.ts';
import { examine, fault, ok, warning } from './finding.ts';
import type { Probes } from './probe.ts';
import { probeHubSpot } from './probe.ts';

/** Checks the token and its scopes, the account's tier, brands and lists, the API version and the rate limits. */
export function checkHubSpot(now: Date): Promise<readonly Finding[]> {
  const check = async () => {
    const env = readEnvironment('HUBSPOT_SECRET', 'HUBSPOT_BASE_URL', 'HUBSPOT_API_VERSION', 'HUBSPOT_RATE_PER_10_S');
    const probes = await probeHubSpot(env);
    const failure = tokenFailure(probes);
    const version = versionFinding(env.HUBSPOT_API_VERSION, supportDaysLeft(env.HUBSPOT_API_VERSION, now));
    if (failure) return [failure, version];
    const limits = [rateFinding(probes, env.HUBSPOT_RATE_PER_10_S), dailyFinding(probes)];
    const account = [...scopeFindings(probes), tierFinding(probes), ...compareWithConfig(probes, relayConfig)];
    return [ok('token', 'accepted by HubSpot'), ...account, version, ...limits];
  };
  return examine('token', check, 'check HUBSPOT_SECRET');
}

/** A failure that makes the other checks meaningless. */
function tokenFailure({ definitions, status }: Probes): Finding | undefined {
  const statuses = [definitions, status];
  if (statuses.includes(0))
    return fault('token', 'HubSpot does not respond', 'check HUBSPOT_BASE_URL and https://status.hubspot.com');
  if (statuses.includes(401))
    return fault('token', 'HubSpot rejects the token (401)', 'put a valid token into the hubspot secret');
  const down = statuses.find((each) => each >= 500);
  if (down)
    return warning(
      'token',
      `HubSpot is failing: it responds ${down}`,
      'try again later; see https://status.hubspot.com',
    );
  if (statuses.includes(429))
    return warning('token', 'HubSpot is rate limiting (429)', 'try again later; check the daily limit');
  if (statuses.every((each) => each === 404)) {
    return fault('token', 'HubSpot has no such endpoint (404)', 'check that HubSpot supports HUBSPOT_API_VERSION');
  }
  return undefined;
}

const READ = 'communication_preferences.read';
/** Write scopes as named in HubSpot's v4 guide, where the first is enough, and in its 2026-03 guide. */
const WRITE = ['communication_preferences.write', 'communication_preferences.read_write', 'subscriptions-status-write'];
const CONTACTS = 'crm.objects.contacts.read';

function scopeFindings({ scopes, definitions, status }: Probes): readonly Finding[] {
  const grant = (name = '') => `grant the token ${name} in HubSpot`;
  const highest = Math.max(definitions, status);
  const read =
    highest < 400 ? ok('scope to read', 'granted') : fault('scope to read', `HubSpot responds ${highest}`, grant(READ));
  if (scopes === undefined) return [read, ok('scope to write', UNKNOWN)];
  const write = WRITE.some((scope) => scopes.includes(scope))
    ? ok('scope to write', 'granted')
    : fault('scope to write', 'not granted: opt-outs will fail', grant(WRITE[0]));
  const contacts = scopes.includes(CONTACTS)
    ? ok('scope of contacts', 'granted')
    : warning('scope of contacts', 'not granted', `${grant(CONTACTS)}, if you use the source "hubspot"`);
  return [read, write, contacts];
}

const UNKNOWN = 'HubSpot does not report scopes for this kind of token; the first opt-out will show it';

function tierFinding({ batch }: Probes): Finding {
  if (batch < 400) return ok('tier', 'batch reads are allowed');
  return ok(
    'tier',
    `no batch reads (HubSpot responds ${batch}; they need Marketing Hub Enterprise): statuses are read one by one`,
  );
}

const SOON_DAYS = 60;

function versionFinding(version: string, daysLeft: number): Finding {
  const fix = 'run relay doctor --next-version, then deploy with a later hubspotApiVersion';
  if (daysLeft < 0) return fault('version', `${version} is no longer supported`, fix);
  const message = `${version}, supported for ${daysLeft} days`;
  return daysLeft < SOON_DAYS ? warning('version', message, fix) : ok('version', message);
}

function rateFinding({ limit }: Probes, configured: number): Finding {
  if (limit === undefined)
    return warning('rate', 'HubSpot does not report its limit', 'compare HUBSPOT_RATE_PER_10_S with your plan');
  const allowed = Math.floor((limit.max * 10_000) / limit.intervalMs);
  const message = `${configured} calls per 10 s configured, ${allowed} allowed`;
  if (configured > allowed) return fault('rate', message, `set HUBSPOT_RATE_PER_10_S to at most ${allowed} and deploy`);
  return ok('rate', message);
}

const LOW_SHARE = 0.1;

function dailyFinding({ daily }: Probes): Finding {
  if (daily === undefined) return ok('daily limit', 'none for this kind of token');
  const message = `${daily.left.toLocaleString('en')} of ${daily.max.toLocaleString('en')} calls left today`;
  const fix =
    'find the app that makes these calls: all private apps of the account share the limit, which resets at midnight';
  return daily.left < daily.max * LOW_SHARE ? warning('daily limit', message, fix) : ok('daily limit', message);
}
