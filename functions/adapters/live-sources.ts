import type { FieldMap } from '../core/field-map.ts';
import type { Source } from '../core/source.ts';
import type { RelayConfig } from './relay-config.ts';
import { wrong } from './relay-config.ts';

/** All sources, and those of them that can be made with a field map. */
export interface SourceList {
  readonly sources: readonly Source[];
  readonly mapped: Readonly<Record<string, (fields: FieldMap) => Source>>;
}

/** Ways in that are no webhook, and are configured like one. */
const OTHER_WAYS_IN: readonly string[] = ['eventbridge'];

/** The sources that are on, made as configured. Throws Misconfigured for a name or a field map that no source has. */
export function liveSources({ sources, mapped }: SourceList, config: RelayConfig): readonly Source[] {
  const known = [...sources.map((source) => source.name), ...OTHER_WAYS_IN];
  const stranger = config.configuredSources.find((each) => !known.includes(each));
  if (stranger !== undefined) throw wrong(`sources.${stranger}`);
  const fixed = OTHER_WAYS_IN.find((each) => config.fieldsOf(each) !== undefined);
  if (fixed !== undefined) throw wrong(`sources.${fixed}.fields`);
  return sources
    .filter(({ name }) => config.isOn(name))
    .map((source) => {
      const fields = config.fieldsOf(source.name);
      if (fields === undefined) return source;
      const make = Object.hasOwn(mapped, source.name) ? mapped[source.name] : undefined;
      if (!make) throw wrong(`sources.${source.name}.fields`);
      return make(fields);
    });
}
