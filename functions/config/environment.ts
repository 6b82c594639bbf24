import process from 'node:process';
import * as z from 'zod/mini';
import { Misconfigured } from '../core/model/errors.ts';

const text = z.string().check(z.trim(), z.minLength(1));
/** `abort`: the next check must not parse an invalid URL, because its error would quote the value. */
const url = z.url({ abort: true, protocol: /^https?$/ });
/** Scheme, host and port, without a path. */
const origin = z.pipe(
  url.check(z.refine((value) => new URL(value).href === `${new URL(value).origin}/`)),
  z.transform((value) => new URL(value)),
);
const count = z.pipe(
  z.string().check(z.regex(/^[1-9]\d{0,5}$/)),
  z.transform((value) => Number(value)),
);

/** HubSpot documents no maximum. Its other batch endpoints take 100. */
const MAX_BATCH = 100;
const batchSize = z.pipe(
  z.optional(z.union([z.enum(['true', 'false']), count.check(z.refine((size) => size <= MAX_BATCH))])),
  z.transform((value) => (value === 'true' || value === 1 ? MAX_BATCH : value === 'false' ? undefined : value)),
);

const retentionDays = z.pipe(count, z.number().check(z.minimum(30)));

/** Every environment variable that the functions read. */
export const VARIABLES = {
  /** The public origin of the relay, without a path. Links and receipts begin with it. */
  PUBLIC_URL: origin,
  /** The SQS queue of opt-outs. */
  QUEUE_URL: url,
  /** The SQS queue of opt-outs that may wait. If omitted, they go to the other one. */
  BULK_QUEUE_URL: z.optional(url),
  /** The DynamoDB table of the ledger. */
  LEDGER_TABLE: text,
  /** The name or ARN of the secret with HubSpot's token or OAuth credentials. */
  HUBSPOT_SECRET: text,
  /** The name or ARN of the secret with the senders' secrets. */
  SOURCES_SECRET: text,
  /** The name or ARN of the secret with the keys that seal links, and the API keys of `POST /links`. */
  LINKS_SECRET: text,
  /** The name or ARN of the secret with the keys that sign receipts and hash erased addresses. */
  RECEIPTS_SECRET: text,
  /** The origin of HubSpot's API. */
  HUBSPOT_BASE_URL: z._default(origin, new URL('https://api.hubapi.com')),
  /** The version of HubSpot's API that opt-outs are sent to. */
  HUBSPOT_API_VERSION: z._default(z.enum(['v4', '2026-03', '2026-09']), 'v4'),
  /** HubSpot's limit of calls in ten seconds, which all instances share. */
  HUBSPOT_RATE_PER_10_S: z._default(count, 100),
  /** Addresses per batch call of Marketing Hub Enterprise. `true`: 100. If omitted or `false`, no batch calls are made. */
  HUBSPOT_BATCH: batchSize,
  /** `observe`: nothing is written to HubSpot, and the ledger says what would have changed. */
  RELAY_MODE: z._default(z.enum(['live', 'observe']), 'live'),
  /** Instances that share the rate. */
  DELIVER_CONCURRENCY: z._default(count, 2),
  /** The namespace of the metrics in CloudWatch. */
  POWERTOOLS_METRICS_NAMESPACE: z._default(text, 'OptOutRelay'),
  /** The ARN of the SNS topic with the events of SES. If omitted, no SNS topic is accepted. */
  SES_TOPIC_ARN: z.optional(text),
  /** The ARN of the EventBridge bus that results are published to. If omitted, results are not published. */
  RESULT_BUS: z.optional(text),
  /** Days after which a closed ledger entry is deleted, at least 30. If omitted, entries are kept indefinitely. */
  LEDGER_RETENTION_DAYS: z.optional(retentionDays),
};

/** Explains an invalid value where the name is not enough. */
const REASONS: { readonly [Name in keyof typeof VARIABLES]?: string } = {
  LEDGER_RETENTION_DAYS:
    ': at least 30, because queues keep messages for 14 days and a repeated event must still find its entry',
};

/** Parsed variables by name. */
export type Variables = { readonly [Name in keyof typeof VARIABLES]: z.output<(typeof VARIABLES)[Name]> };

/** Whether a variable accepts a value. A deployment checks its parameters with it, before the functions read them. */
export function isAccepted(name: keyof Variables, value: string): boolean {
  return z.safeParse<z.ZodMiniType>(VARIABLES[name], value === '' ? undefined : value).success;
}

/**
 * Reads the named variables at cold start. Nothing else in functions/ reads the environment.
 *
 * @throws {Misconfigured} names a variable that is missing or invalid
 */
export function readEnvironment<Name extends keyof Variables>(...names: readonly Name[]): Pick<Variables, Name> {
  const entries = names.map((name) => {
    const value = process.env[name];
    const read = z.safeParse<z.ZodMiniType>(VARIABLES[name], value === '' ? undefined : value);
    if (!read.success) throw new Misconfigured(`${name} is ${value ? `not valid${REASONS[name] ?? ''}` : 'missing'}`);
    return [name, read.data] as const;
  });
  return Object.fromEntries(entries) as Pick<Variables, Name>;
}

/**
 * Returns the function and the version that Lambda runs: `optout-relay-production-deliver:12`.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
 */
export function functionVersion(): string {
  const { AWS_LAMBDA_FUNCTION_NAME: name = 'local', AWS_LAMBDA_FUNCTION_VERSION: version = '$LATEST' } = process.env;
  return `${name}:${version}`;
}
