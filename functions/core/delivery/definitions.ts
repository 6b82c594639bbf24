import type { Report } from '../model/telemetry.ts';
import { isRouteMissing } from './evidence.ts';
import type { DefinitionsResponse, HubSpot, SubscriptionType } from './hubspot.ts';

/** The account's subscription types and business units, cached. */
export interface Definitions {
  /**
   * Returns HubSpot's last response, at most an hour old. After a failure it still has the types of the last success, and HubSpot
   * is asked again after a minute; after a 403, after an hour.
   */
  read(hubspot: Reader): Promise<DefinitionsResponse>;
  /** Returns true if HubSpot no longer answers this API version. Asks HubSpot unless it has answered within the last minute. */
  isVersionEnded(hubspot: Reader): Promise<boolean>;
}

type Reader = Pick<HubSpot, 'readDefinitions'>;

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

export interface DefinitionsPorts {
  readonly clock: () => Date;
  readonly report: Report;
}

/** Creates the cache of one process. Concurrent attempts share one call. */
export function createDefinitions({ clock, report }: DefinitionsPorts): Definitions {
  let types: readonly SubscriptionType[] | undefined;
  let last: { readonly response: Promise<DefinitionsResponse>; readonly atMs: number } | undefined;
  let maxAgeMs = HOUR_MS;
  const fetchDefinitions = async (hubspot: Reader): Promise<DefinitionsResponse> => {
    const response = await hubspot.readDefinitions();
    types = response.types ?? types;
    maxAgeMs = response.types || response.status === 403 ? HOUR_MS : MINUTE_MS;
    if (!response.types) report({ event: 'definitions.unreadable', status: response.status });
    return { ...response, types };
  };
  const readWithin = (hubspot: Reader, limitMs: number): Promise<DefinitionsResponse> => {
    const nowMs = clock().getTime();
    if (last && nowMs - last.atMs < limitMs) return last.response;
    const response = fetchDefinitions(hubspot);
    last = { response, atMs: nowMs };
    response.catch(() => {
      last = undefined;
    });
    return response;
  };
  return {
    read: (hubspot) => readWithin(hubspot, maxAgeMs),
    async isVersionEnded(hubspot) {
      const response = await readWithin(hubspot, MINUTE_MS);
      return isRouteMissing(response) || [400, 404].includes(response.status);
    },
  };
}
