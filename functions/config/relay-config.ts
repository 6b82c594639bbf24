import * as z from 'zod/mini';
import type { SurgeLimit } from '../core/delivery/surge-limit.ts';
import { defaultSurgeLimit } from '../core/delivery/surge-limit.ts';
import type { Action, Policy } from '../core/intake/policy.ts';
import { defaultKinds } from '../core/intake/policy.ts';
import type { Limits } from '../core/intake/rate-limit.ts';
import { defaultLimits } from '../core/intake/rate-limit.ts';
import { MAILBOX } from '../core/links/list-unsubscribe.ts';
import { CONFIGURED_NAME } from '../core/links/sealed-link.ts';
import type { Deadline } from '../core/reconcile/backlog-age.ts';
import { defaultDeadline } from '../core/reconcile/backlog-age.ts';
import type { DriftShare } from '../core/reconcile/drift.ts';
import { defaultDrift, isEnoughForDrift } from '../core/reconcile/drift.ts';
import type { LegalBasis } from '../hubspot/request.ts';
import type { Themes } from '../pages/theme.ts';
import { invalid } from './invalid.ts';
import { themeFields, themesOf } from './theme.ts';

/**
 * Checks the rules of this deployment, which `relay.config.ts` exports. Every key is optional. `npm run build` fails for an
 * invalid configuration.
 *
 * @throws {Misconfigured} names the path of the first invalid value, such as `relay.config.ts: deadline is not valid`
 *
 * @example
 * ```ts
 * // relay.config.ts
 * import { defineConfig } from './functions/config/relay-config.ts';
 *
 * export const relayConfig = defineConfig({
 *   sources: {
 *     sendgrid: { brand: 'acme', lists: { '12': '4711' } },
 *     generic: { fields: { email: 'user.mail' } },
 *     mailgun: false,
 *   },
 *   policy: { hard_bounce: 'nothing' },
 *   brands: { acme: { businessUnitId: '7', name: 'Acme', color: '#0f766e' } },
 *   origins: ['https://www.example.com'],
 * });
 * ```
 */
export function defineConfig(config: z.input<typeof configSchema>): RelayConfig {
  const read = z.safeParse(configSchema, config);
  if (!read.success) throw invalid(pathOf(read.error.issues[0]), reasonOf(read.error.issues[0]));
  const { sources = {}, policy = {}, brands = {}, theme = {}, origins = [], ...rest } = read.data;
  for (const [source, options] of Object.entries(sources)) {
    if (options && options.brand !== undefined && !Object.hasOwn(brands, options.brand)) {
      throw invalid(`sources.${source}.brand`);
    }
  }
  return {
    sources,
    kinds: { ...defaultKinds, ...(policy as Partial<Record<string, Action>>) },
    businessUnitIds: Object.fromEntries(Object.entries(brands).map(([key, value]) => [key, value.businessUnitId])),
    themes: themesOf(theme, brands),
    origins,
    ...rest,
  };
}

/** The checked configuration, with the defaults filled in. It is plain data, so that the build can put it into the bundles. */
export interface RelayConfig {
  /** Options by source name. `false`: the source is off. `source-options.ts` reads them. */
  readonly sources: Readonly<Record<string, SourceOptions | false>>;
  /** What each kind of signal does. */
  readonly kinds: Policy['kinds'];
  /** HubSpot's business unit ids by brand name. */
  readonly businessUnitIds: Readonly<Record<string, string>>;
  readonly themes: Themes;
  readonly mailbox?: string | undefined;
  readonly origins: readonly string[];
  readonly limits: Limits;
  readonly surgeLimit: SurgeLimit;
  readonly staleAfterSeconds: number;
  readonly deadline: Deadline;
  readonly drift: DriftShare;
  /** Fraction of HubSpot's daily limit, 0 to 0.9. */
  readonly dailyReserve: number;
  readonly results: { readonly withAddress: boolean };
  readonly legalBasis: LegalBasis['legalBasis'];
  readonly legalBasisExplanation: LegalBasis['legalBasisExplanation'];
  readonly contacts: { readonly allAddresses: boolean };
}

const name = z.string().check(z.regex(CONFIGURED_NAME));
/** At most 15 digits, which JSON numbers carry without rounding. */
const hubspotId = z.string().check(z.regex(/^\d{1,15}$/));
const action = z.optional(z.enum(['unsubscribe-all', 'nothing']));
const origin = z.url({ abort: true }).check(z.refine((value) => new URL(value).origin === value));
const limit = z.union([z.literal(false), z.int().check(z.minimum(1), z.maximum(100_000))]);
const field = z.optional(z.string().check(z.minLength(1)));
const words = z.array(z.string().check(z.minLength(1))).check(z.minLength(1));
const condition = z.strictObject({
  /** The field that says whether the person opted out. */
  field: z.string().check(z.minLength(1)),
  /** The values that mean an opt-out. */
  is: words,
  /** The values that do not. If set, an event with any other value is unreadable. @default every other value */
  isNot: z.optional(words),
});
const fieldMap = z.strictObject({
  /** The field with the address: a name, or a path such as `user.mail`. */
  email: field,
  /** The field with the list that the person left. */
  list: field,
  /** The field with the id of the event, which a retry repeats. */
  id: field,
  /** The field with the time of the opt-out. */
  time: field,
  /** The field that says whether the person opted out, or a condition on it. */
  optOut: z.optional(z.union([z.string().check(z.minLength(1)), condition])),
});
/** Every opt-out must be completed within 48 hours. */
const hours = z.number().check(z.positive(), z.maximum(48));

/** @see https://developers.hubspot.com/docs/api-reference/communication-preferences-subscriptions-v4/guide */
const LEGAL_BASES = [
  'CONSENT_WITH_NOTICE',
  'LEGITIMATE_INTEREST_CLIENT',
  'LEGITIMATE_INTEREST_OTHER',
  'LEGITIMATE_INTEREST_PQL',
  'NON_GDPR',
  'PERFORMANCE_OF_CONTRACT',
  'PROCESS_AND_STORE',
] as const;

export const configSchema = z.strictObject({
  /**
   * Options by source name. `false` turns a source off. Other sources are on, and reject every request until they have a
   * secret.
   *
   * @default {} (every source is on)
   */
  sources: z.optional(
    z.record(
      name,
      z.union([
        z.literal(false),
        z.strictObject({
          /**
           * How an opt-out from one list of the sender is handled: `all` as an opt-out from all email, `ignore` not at all.
           * A map gives the id of the HubSpot subscription type for each list; an unmapped list counts as all email.
           *
           * @default 'all'
           */
          lists: z.optional(z.union([z.enum(['all', 'ignore']), z.record(z.string(), hubspotId)])),
          /**
           * The brand, from `brands`, that opt-outs of this source are for.
           *
           * @default none: opt-outs are for every brand
           */
          brand: z.optional(name),
          /**
           * Names of the sender's fields, for sources without a fixed format. `optOut` is a field name, or a field with the
           * values that mean yes: `{ field: 'state', is: ['unsubscribed'], isNot: ['subscribed', 'pending'] }`.
           *
           * @default the field names on the source's page in docs/sources
           */
          fields: z.optional(fieldMap),
          /**
           * Who causes the opt-outs of this source: `people` by their own acts, which are never held, or a `program`, such as a
           * script that posts a list. A program's opt-outs count against `surgeLimit`. Bounces always count, complaints never.
           *
           * @default 'people'; 'program' for generic and eventbridge
           */
          carries: z.optional(z.enum(['people', 'program'])),
          /**
           * For `hubspot`: the id of your HubSpot account. Events of other accounts are not accepted.
           *
           * @default none: events of any account are accepted
           */
          portalId: z.optional(hubspotId),
          /**
           * For `hubspot`: accept the webhooks of workflows, whose signature (version 2) covers no time. A captured request
           * stays valid.
           *
           * @default false
           */
          workflows: z.optional(z.boolean()),
        }),
      ]),
    ),
  ),
  /**
   * What each kind of signal does. Resubscribes, tests and unknown events never do anything.
   *
   * @default { opt_out: 'unsubscribe-all', complaint: 'unsubscribe-all', hard_bounce: 'unsubscribe-all', soft_bounce: 'nothing', suppressed: 'nothing' }
   */
  policy: z.optional(
    z.strictObject({
      /** A person unsubscribed. @default 'unsubscribe-all' */
      opt_out: action,
      /** A person pressed the spam button. @default 'unsubscribe-all' */
      complaint: action,
      /** The mailbox does not exist. @default 'unsubscribe-all' */
      hard_bounce: action,
      /** A message could not be delivered, and a later one may be. @default 'nothing' */
      soft_bounce: action,
      /** The account's own users, or the sender's rules, stopped mail to the address. @default 'nothing' */
      suppressed: action,
    }),
  ),
  /**
   * Brands by the name that links and forms use: the HubSpot business unit, and any key of `theme` that differs for the
   * brand.
   *
   * @default {} (no brands)
   */
  brands: z.optional(
    z.record(
      name,
      z.strictObject({
        /** The id of the business unit in HubSpot, in quotes. */
        businessUnitId: hubspotId,
        ...themeFields,
      }),
    ),
  ),
  /**
   * Theme of the public pages.
   *
   * @default {} (the built-in theme)
   */
  theme: z.optional(z.strictObject(themeFields)),
  /**
   * The address that receives unsubscribe mail, such as `unsubscribe@mail.example.com`. With it, links also have a `mailto:`.
   * See docs/mailbox.md.
   *
   * @default none
   */
  mailbox: z.optional(z.string().check(z.regex(MAILBOX))),
  /**
   * Origins of landing pages whose scripts may post to `/unsubscribe`, such as `https://www.example.com`.
   *
   * @default []
   */
  origins: z.optional(z.array(origin)),
  /**
   * Form submissions accepted per clock hour. `false` turns a limit off.
   *
   * @default { perAddressAndHour: 5, perClientAndHour: 30 }
   */
  limits: z._default(
    z.strictObject({
      /** Submissions for one address and brand. */
      perAddressAndHour: z._default(limit, defaultLimits.perAddressAndHour),
      /** Submissions by one client: an IPv4 address or an IPv6 /64 network. */
      perClientAndHour: z._default(limit, defaultLimits.perClientAndHour),
    }),
    defaultLimits,
  ),
  /**
   * Recipients per source and clock hour whose inferred opt-outs are carried out: hard bounces, imports, and the opt-outs of
   * sources that carry a program's. Those of further recipients are held until an operator releases them. A recipient counts
   * once an hour. `false` turns the limit off.
   *
   * @default { perSourceAndHour: 1_000 }
   */
  surgeLimit: z._default(
    z.strictObject({
      /** Recipients per source and hour, or `false` for no limit. */
      perSourceAndHour: z.union([z.literal(false), z.int().check(z.minimum(1), z.maximum(1_000_000))]),
    }),
    defaultSurgeLimit,
  ),
  /**
   * Age in seconds from which a signal is checked for a newer opt-in before it is sent to HubSpot. 0 checks every signal.
   *
   * @default 3_600
   */
  staleAfterSeconds: z._default(z.int().check(z.minimum(0), z.maximum(86_400)), 3_600),
  /**
   * Whether results on the event bus (`RESULT_BUS`) include the email address, or the HubSpot contact id.
   *
   * @default { withAddress: false }
   */
  results: z._default(
    z.strictObject({
      /** Adds the address, or the contact id, to each result. */
      withAddress: z._default(z.boolean(), false),
    }),
    { withAddress: false },
  ),
  /**
   * Ages at which an open or held opt-out is logged as overdue. Keep the alarms in infra/alarms.yml at the same ages.
   *
   * @default { warnAfterHours: 24, pageAfterHours: 36 }
   */
  deadline: z._default(
    z
      .strictObject({
        /** Hours until a warning is logged. */
        warnAfterHours: hours,
        /** Hours until the operator is paged. More than `warnAfterHours`. */
        pageAfterHours: hours,
      })
      .check(z.refine(({ warnAfterHours, pageAfterHours }) => warnAfterHours < pageAfterHours)),
    defaultDeadline,
  ),
  /**
   * The share of HubSpot's daily limit for reading confirmed opt-outs back. `false` turns the drift check off.
   *
   * @default { shareOfDailyLimit: 0.1, dailyLimit: 250_000 }
   */
  drift: z._default(
    z.union([
      z.literal(false),
      z
        .strictObject({
          /** Fraction of the daily limit. */
          shareOfDailyLimit: z.number().check(z.positive(), z.maximum(1)),
          /** Calls per day that HubSpot allows your account. */
          dailyLimit: z.int().check(z.positive(), z.maximum(100_000_000)),
        })
        .check(z.refine(isEnoughForDrift)),
    ]),
    defaultDrift,
  ),
  /**
   * The fraction of HubSpot's daily limit that backfills, floods and the drift check leave to new opt-outs.
   *
   * @default 0.1
   */
  dailyReserve: z._default(z.number().check(z.minimum(0), z.maximum(0.9)), 0.1),
  /**
   * The legal basis that HubSpot records with an opt-out from one subscription type. Accounts with data privacy settings require
   * it.
   *
   * @default 'LEGITIMATE_INTEREST_OTHER'
   */
  legalBasis: z._default(z.enum(LEGAL_BASES), 'LEGITIMATE_INTEREST_OTHER'),
  /**
   * The explanation of `legalBasis` in the history of the contact in HubSpot.
   *
   * @default 'The recipient opted out of this subscription.'
   */
  legalBasisExplanation: z._default(
    z.string().check(z.trim(), z.minLength(1), z.maxLength(255)),
    'The recipient opted out of this subscription.',
  ),
  /**
   * Whether an opt-out of a HubSpot contact, reported by HubSpot's webhook, covers every address of the contact. Each address then
   * has its own opt-out and receipt. A bounce is always about one address.
   *
   * @default { allAddresses: false }
   */
  contacts: z._default(
    z.strictObject({
      /** Opts out every address of the contact. */
      allAddresses: z._default(z.boolean(), false),
    }),
    { allAddresses: false },
  ),
});

/** The options of one source. */
export type SourceOptions = Exclude<NonNullable<z.output<typeof configSchema>['sources']>[string], false>;

/** An unknown key is reported with the path of its object, so the key is appended. */
function pathOf(issue: z.core.$ZodIssue | undefined): string {
  const unknown = issue?.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
  return [...(issue?.path ?? []), ...unknown].join('.') || 'the configuration';
}

/** zod/mini's message for checks without a message in the schema. */
const DEFAULT_MESSAGE = 'Invalid input';

function reasonOf(issue: z.core.$ZodIssue | undefined): string {
  return issue === undefined || issue.message === DEFAULT_MESSAGE ? '' : `: ${issue.message}`;
}
