import * as z from 'zod/mini';
import type { SurgeLimit } from '../core/delivery/surge-limit.ts';
import { defaultSurgeLimit } from '../core/delivery/surge-limit.ts';
import type { Action, Policy } from '../core/intake/policy.ts';
import { defaultKinds } from '../core/intake/policy.ts';
import type { Limits } from '../core/intake/rate-limit.ts';
import { defaultLimits } from '../core/intake/rate-limit.ts';
import { MAILBOX } from '../core/links/list-unsubscribe.ts';
import { CONFIGURED_NAME } from '../core/links/sealed-link.ts';
import { Misconfigured } from '../core/model/errors.ts';
import type { FieldMap } from '../core/readers/field-map.ts';
import type { Deadline } from '../core/reconcile/backlog-age.ts';
import { defaultDeadline } from '../core/reconcile/backlog-age.ts';
import type { DriftShare } from '../core/reconcile/sweep-look.ts';
import { defaultDrift, isEnoughForDrift } from '../core/reconcile/sweep-look.ts';
import type { Themes } from '../pages/theme.ts';
import { themeFields, themesOf } from './theme.ts';

const name = z.string().check(z.regex(CONFIGURED_NAME));
/** A number that JSON carries unrounded. */
const hubspotId = z.string().check(z.regex(/^\d{1,15}$/));
const measure = z.optional(z.enum(['unsubscribe-all', 'nothing']));
const origin = z.url({ abort: true }).check(z.refine((value) => new URL(value).origin === value));

const limit = z.union([z.literal(false), z.int().check(z.minimum(1), z.maximum(100_000))]);

const field = z.optional(z.string().check(z.minLength(1)));
const fieldMap = z.strictObject({ email: field, list: field, id: field, time: field, optOut: field });

/** By law an opt-out has 48 at most. */
const hours = z.number().check(z.positive(), z.maximum(48));

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
          /** Which of the sender's fields says what, for the sources that have no fixed form. */
          fields: z.optional(fieldMap),
          /** For `hubspot`: the id of the account whose token the relay has. Left out: webhooks of any account are taken for its own. */
          portalId: z.optional(hubspotId),
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
  /** By the name that links and forms use: HubSpot's business unit, and what differs on the brand's pages. */
  brands: z.optional(z.record(name, z.strictObject({ businessUnitId: hubspotId, ...themeFields }))),
  /** The public pages. */
  theme: z.optional(z.strictObject(themeFields)),
  /** Where mail is read for the relay, docs/mailbox.md: `unsubscribe@mail.example.com`. Links then offer a `mailto:` as well. */
  mailbox: z.optional(z.string().check(z.regex(MAILBOX))),
  /** Landing pages whose scripts may post to /unsubscribe: `https://www.example.com`. */
  origins: z.optional(z.array(origin)),
  /** Submissions of the form that are taken within an hour of the clock; `false` switches a limit off. */
  limits: z._default(
    z.strictObject({
      perAddressAndHour: z._default(limit, defaultLimits.perAddressAndHour),
      /** A client is an IPv4 address or the /64 of an IPv6 one. */
      perClientAndHour: z._default(limit, defaultLimits.perClientAndHour),
    }),
    defaultLimits,
  ),
  /** Opt-outs that machines and programs infer: hard bounces, imports, generic webhooks. `false` switches the brake off. */
  surgeLimit: z._default(
    z.strictObject({
      perSourceAndHour: z.union([z.literal(false), z.int().check(z.minimum(1), z.maximum(1_000_000))]),
    }),
    defaultSurgeLimit,
  ),
  /** An older signal is checked for a newer opt-in before HubSpot is told. 0: every one. */
  staleAfterSeconds: z._default(z.int().check(z.minimum(0), z.maximum(86_400)), 3_600),
  /** What the result bus is told, where there is one. */
  results: z._default(z.strictObject({ withAddress: z._default(z.boolean(), false) }), { withAddress: false }),
  /** How old a command may become before it is named in the log; the alarms of infra/alarms.yml ring at the same ages. */
  deadline: z._default(
    z
      .strictObject({ warnAfterHours: hours, pageAfterHours: hours })
      .check(z.refine(({ warnAfterHours, pageAfterHours }) => warnAfterHours < pageAfterHours)),
    defaultDeadline,
  ),
  /** How much of HubSpot's daily limit may go into reading back what it has confirmed; `false`: nothing is read back. */
  drift: z._default(
    z.union([
      z.literal(false),
      z
        .strictObject({
          shareOfDailyLimit: z.number().check(z.positive(), z.maximum(1)),
          dailyLimit: z.int().check(z.positive(), z.maximum(100_000_000)),
        })
        .check(z.refine(isEnoughForDrift)),
    ]),
    defaultDrift,
  ),
});

/** The checked form of `relay.config.ts`. */
export interface RelayConfig {
  readonly isOn: (source: string) => boolean;
  readonly policyOf: (source: string) => Policy;
  readonly fieldsOf: (source: string) => FieldMap | undefined;
  readonly portalIdOf: (source: string) => string | undefined;
  /** By brand name. */
  readonly businessUnitIds: Readonly<Record<string, string>>;
  readonly mailbox: string | undefined;
  readonly origins: readonly string[];
  readonly themes: Themes;
  readonly limits: Limits;
  readonly surgeLimit: SurgeLimit;
  readonly staleAfterSeconds: number;
  readonly deadline: Deadline;
  readonly drift: DriftShare;
  readonly results: { readonly withAddress: boolean };
  /** Every source that has a word in the configuration. */
  readonly configuredSources: readonly string[];
}

/** Checks a configuration. Throws Misconfigured with the path of the first thing that is wrong. */
export function defineConfig(config: z.input<typeof schema>): RelayConfig {
  const read = z.safeParse(schema, config);
  if (!read.success) throw wrong(pathOf(read.error.issues[0]), reasonOf(read.error.issues[0]));
  const { sources = {}, policy = {}, brands = {}, theme = {}, origins = [] } = read.data;
  const { mailbox, limits, surgeLimit, staleAfterSeconds, deadline, drift, results } = read.data;
  const optionsOf = (source: string) => (Object.hasOwn(sources, source) ? sources[source] || {} : {});
  const kinds = { ...defaultKinds, ...(policy as Partial<Record<string, Action>>) };
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
    fieldsOf: (source) => optionsOf(source).fields as FieldMap | undefined,
    portalIdOf: (source) => optionsOf(source).portalId,
    businessUnitIds: Object.fromEntries(Object.entries(brands).map(([key, value]) => [key, value.businessUnitId])),
    mailbox,
    origins,
    themes: themesOf(theme, brands),
    limits,
    surgeLimit,
    staleAfterSeconds,
    deadline,
    drift,
    results,
    configuredSources: Object.keys(sources),
  };
}

/** The issue about an unknown key has the path of the object it stands in. */
function pathOf(issue: z.core.$ZodIssue | undefined): string {
  const unknown = issue?.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
  return [...(issue?.path ?? []), ...unknown].join('.') || 'its form';
}

/** What zod/mini says of everything for which the schema has no words. */
const NO_WORDS = 'Invalid input';

function reasonOf(issue: z.core.$ZodIssue | undefined): string {
  return issue === undefined || issue.message === NO_WORDS ? '' : `: ${issue.message}`;
}

/** Names what is wrong in the configuration by its path. */
export function wrong(path: string, reason = ''): Misconfigured {
  return new Misconfigured(`relay.config.ts: ${path} is not valid${reason}`);
}
