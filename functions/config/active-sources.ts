import type { FieldMap } from '../core/readers/field-map.ts';
import type { HubSpotAccount } from '../core/verify/hubspot-signature.ts';
import type { Source } from '../core/verify/source.ts';
import { invalid } from './invalid.ts';
import type { RelayConfig } from './relay-config.ts';
import { accountOf, fieldMapOf, isOn } from './source-options.ts';

/** Every source, and constructors for those that take a field map or a HubSpot account. */
export interface SourceList {
  readonly sources: readonly Source[];
  readonly mapped: Readonly<Record<string, (fields: FieldMap) => Source>>;
  readonly ofPortal: Readonly<Record<string, (account: HubSpotAccount) => Source>>;
}

/** Sources that are configured like webhooks but receive signals another way. */
const OTHER_SOURCES: readonly string[] = ['eventbridge'];

/** Returns the sources that are on, with their options. Throws Misconfigured for an unknown source or an option it lacks. */
export function activeSources({ sources, mapped, ofPortal }: SourceList, config: RelayConfig): readonly Source[] {
  const names = [...sources.map((source) => source.name), ...OTHER_SOURCES];
  const unknown = Object.keys(config.sources).find((each) => !names.includes(each));
  if (unknown !== undefined) throw invalid(`sources.${unknown}`);
  for (const name of names) {
    if (fieldMapOf(config, name) && !Object.hasOwn(mapped, name)) throw invalid(`sources.${name}.fields`);
    const [option] = Object.keys(accountOf(config, name));
    if (option !== undefined && !Object.hasOwn(ofPortal, name)) throw invalid(`sources.${name}.${option}`);
  }
  return sources
    .filter(({ name }) => isOn(config, name))
    .map((source) => {
      const fields = fieldMapOf(config, source.name);
      return (
        ofPortal[source.name]?.(accountOf(config, source.name)) ?? (fields && mapped[source.name]?.(fields)) ?? source
      );
    });
}
