import * as z from 'zod/mini';
import { Misconfigured } from '../core/errors.ts';
import type { Measure, Policy } from '../core/policy.ts';
import { defaultKinds } from '../core/policy.ts';
import type { Source } from '../core/source.ts';

const name = z.string().check(z.regex(/^[a-z0-9][a-z0-9-]{0,63}$/));
/** A number that JSON carries unrounded. */
const hubspotId = z.string().check(z.regex(/^\d{1,15}$/));
const measure = z.optional(z.enum(['unsubscribe-all', 'nothing']));
const origin = z.url({ abort: true }).check(z.refine((value) => new URL(value).origin === value));

const schema = z.strictObject({
  /** By source: `false` switches it off. Without a word here a source is on, and lets nobody in until it has a secret. */
  sources: z.optional(
    z.record(
      name,
      z.union([
        z.literal(false),
        z.strictObject({
          /** An opt-out from one list: `all` (default) counts it as all, `ignore` as nothing, a map tells HubSpot's subscription id. */
          lists: z.optional(z.union([z.enum(['all', 'ignore']), z.record(z.string(), hubspotId)])),
          brand: z.optional(name),
        }),
      ]),
    ),
  ),
  /** What a kind of signal leads to. A resubscribe, a test and an unknown event never lead to anything. */
  policy: z.optional(
    z.strictObject({
      opt_out: measure,
      complaint: measure,
      hard_bounce: measure,
      soft_bounce: measure,
      suppressed: measure,
    }),
  ),
  /** By the name that links and forms use: HubSpot's business unit. */
  brands: z.optional(z.record(name, z.strictObject({ businessUnitId: hubspotId }))),
  /** Landing pages whose scripts may post to /unsubscribe: `https://www.example.com`. */
  origins: z.optional(z.array(origin)),
});

/** The checked form of `relay.config.ts`. */
export interface RelayConfig {
  readonly isOn: (source: string) => boolean;
  readonly policyOf: (source: string) => Policy;
  /** By brand name. */
  readonly businessUnitIds: Readonly<Record<string, string>>;
  readonly origins: readonly string[];
  /** Every source that has a word in the configuration. */
  readonly configuredSources: readonly string[];
}

/** Checks a configuration. Throws Misconfigured with the path of the first thing that is wrong. */
export function defineConfig(config: z.input<typeof schema>): RelayConfig {
  const read = z.safeParse(schema, config);
  if (!read.success) throw wrong(pathOf(read.error.issues[0]));
  const { sources = {}, policy = {}, brands = {}, origins = [] } = read.data;
  const optionsOf = (source: string) => (Object.hasOwn(sources, source) ? sources[source] || {} : {});
  const kinds = { ...defaultKinds, ...(policy as Partial<Record<string, Measure>>) };
  for (const [source, options] of Object.entries(sources)) {
    if (options && options.brand !== undefined && !Object.hasOwn(brands, options.brand)) {
      throw wrong(`sources.${source}.brand`);
    }
  }
  return {
    isOn: (source) => !(Object.hasOwn(sources, source) && sources[source] === false),
    policyOf(source) {
      const { lists = 'all', brand } = optionsOf(source);
      return { kinds, lists, ...(brand === undefined ? {} : { brand }) };
    },
    businessUnitIds: Object.fromEntries(Object.entries(brands).map(([key, value]) => [key, value.businessUnitId])),
    origins,
    configuredSources: Object.keys(sources),
  };
}

/** The sources that are on. Throws Misconfigured for a name in the configuration that no source has. */
export function liveSources(sources: readonly Source[], config: RelayConfig): readonly Source[] {
  const stranger = config.configuredSources.find((each) => !sources.some((source) => source.name === each));
  if (stranger !== undefined) throw wrong(`sources.${stranger}`);
  return sources.filter((source) => config.isOn(source.name));
}

/** The issue about an unknown key has the path of the object it stands in. */
function pathOf(issue: z.core.$ZodIssue | undefined): string {
  const unknown = issue?.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
  return [...(issue?.path ?? []), ...unknown].join('.') || 'its form';
}

function wrong(path: string): Misconfigured {
  return new Misconfigured(`relay.config.ts: ${path} is not valid`);
}
