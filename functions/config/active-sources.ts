import type { FieldMap } from '../core/readers/field-map.ts';
import type { Source } from '../core/verify/source.ts';
import type { RelayConfig } from './relay-config.ts';
import { wrong } from './relay-config.ts';

/** All sources, and those of them that can be made with a field map, or for one HubSpot account. */
export interface SourceList {
  readonly sources: readonly Source[];
  readonly mapped: Readonly<Record<string, (fields: FieldMap) => Source>>;
  readonly ofPortal: Readonly<Record<string, (account: { readonly portalId: string }) => Source>>;
}

/** Ways in that are no webhook, and are configured like one. */
const OTHER_WAYS_IN: readonly string[] = ['eventbridge'];

/** The sources that are on, made as configured. Throws Misconfigured for a name that no source has, or a word not for it. */
export function activeSources({ sources, mapped, ofPortal }: SourceList, config: RelayConfig): readonly Source[] {
  const known = [...sources.map((source) => source.name), ...OTHER_WAYS_IN];
  const stranger = config.configuredSources.find((each) => !known.includes(each));
  if (stranger !== undefined) throw wrong(`sources.${stranger}`);
  for (const name of known) {
    if (config.fieldsOf(name) && !Object.hasOwn(mapped, name)) throw wrong(`sources.${name}.fields`);
    if (config.portalIdOf(name) && !Object.hasOwn(ofPortal, name)) throw wrong(`sources.${name}.portalId`);
  }
  return sources
    .filter(({ name }) => config.isOn(name))
    .map((source) => {
      const [fields, portalId] = [config.fieldsOf(source.name), config.portalIdOf(source.name)];
      if (portalId !== undefined) return ofPortal[source.name]?.({ portalId }) ?? source;
      return (fields && mapped[source.name]?.(fields)) ?? source;
    });
}
