import { isDeepStrictEqual } from 'node:util';
import { readEnvironment } from '../../functions/config/environment.ts';
import type { StatusRow } from '../../functions/core/delivery/hubspot.ts';
import type { Finding } from './finding.ts';
import { examine, fault, ok, warning } from './finding.ts';
import type { VersionProbe } from './probe.ts';
import { probeVersions } from './probe.ts';

/** Compares the responses of the API version in use and of each later one to a read of the same status. */
export function checkNextVersions(): Promise<readonly Finding[]> {
  const check = async () => {
    const env = readEnvironment('HUBSPOT_SECRET', 'HUBSPOT_BASE_URL', 'HUBSPOT_API_VERSION');
    const [current, ...later] = await probeVersions(env);
    if (later.length === 0) return [ok('next version', `${current.version} is the latest that the relay knows`)];
    return later.map((next) => compare(current, next));
  };
  return examine('next version', check, 'check HUBSPOT_SECRET');
}

function compare(current: VersionProbe, next: VersionProbe): Finding {
  const name = `version ${next.version}`;
  if (next.status !== 200) {
    return fault(name, `HubSpot responds ${next.status}`, `keep hubspotApiVersion at ${current.version} for now`);
  }
  const use = `set hubspotApiVersion to ${next.version} and deploy`;
  if (current.status !== 200) {
    return warning(name, `it responds, but ${current.version} responds ${current.status}`, use);
  }
  if (isDeepStrictEqual(statusesIn(next), statusesIn(current))) {
    return ok(name, `responds as ${current.version} does; to switch, ${use}`);
  }
  return fault(name, `responds differently from ${current.version}`, 'report it to the maintainers before you switch');
}

/** The fields that the relay compares, in a stable order. A body without rows differs from an empty list. */
function statusesIn({ rows }: VersionProbe) {
  const fieldsOf = ({ subscriptionId, status, businessUnitId, channel }: StatusRow) =>
    JSON.stringify([subscriptionId, status, businessUnitId, channel]);
  return rows?.map(fieldsOf).toSorted();
}
