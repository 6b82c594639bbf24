import type { Carries } from '../core/delivery/surge-limit.ts';
import type { Policy } from '../core/intake/policy.ts';
import type { FieldMap } from '../core/readers/field-map.ts';
import type { HubSpotAccount } from '../core/verify/hubspot-signature.ts';
import type { RelayConfig, SourceOptions } from './relay-config.ts';

type Sources = Pick<RelayConfig, 'sources'>;

/** Whether a source is on. One that is not configured is. */
export function isOn({ sources }: Sources, source: string): boolean {
  return !(Object.hasOwn(sources, source) && sources[source] === false);
}

/** What the signals of a source do. */
export function policyOf(config: Pick<RelayConfig, 'sources' | 'kinds'>, source: string): Policy {
  const { lists = 'all', brand } = optionsOf(config, source);
  return { kinds: config.kinds, lists, ...(brand === undefined ? {} : { brand }) };
}

/** The field map of a source, undefined for its defaults. */
export function fieldMapOf(config: Sources, source: string): FieldMap | undefined {
  return optionsOf(config, source).fields as FieldMap | undefined;
}

/** The options that only `hubspot` has. */
export function accountOf(config: Sources, source: string): HubSpotAccount {
  const { portalId, workflows } = optionsOf(config, source);
  return { ...(portalId === undefined ? {} : { portalId }), ...(workflows === undefined ? {} : { workflows }) };
}

/** Who causes the opt-outs of a source, undefined for its default. */
export function carriesOf(config: Sources, source: string): Carries | undefined {
  return optionsOf(config, source).carries;
}

function optionsOf({ sources }: Sources, source: string): SourceOptions {
  return (Object.hasOwn(sources, source) && sources[source]) || {};
}
