import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod/mini';
import { VARIABLES } from '../../functions/config/environment.ts';
import { configSchema } from '../../functions/config/relay-config.ts';
import { themeFields } from '../../functions/config/theme.ts';
import { en } from '../../functions/pages/languages/en.ts';
import { LANGUAGES } from '../../functions/pages/wording.ts';
import type { Docstring } from './docstrings.ts';
import { docstringsOf } from './docstrings.ts';

const ROOT = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const SCHEMAS = ['functions/config/relay-config.ts', 'functions/config/theme.ts', 'functions/config/environment.ts'];

/** The parts of a JSON Schema that the page shows. */
type Schema = z.core.JSONSchema.BaseSchema;

/** Example values of the environment variables. */
export const ENVIRONMENT_EXAMPLES = {
  PUBLIC_URL: 'https://optout.example.com',
  QUEUE_URL: 'https://sqs.eu-central-1.amazonaws.com/111122223333/optout-relay-production',
  BULK_QUEUE_URL: 'https://sqs.eu-central-1.amazonaws.com/111122223333/optout-relay-production-bulk',
  LEDGER_TABLE: 'optout-relay-production',
  HUBSPOT_SECRET: 'optout-relay/production/hubspot',
  SOURCES_SECRET: 'optout-relay/production/sources',
  LINKS_SECRET: 'optout-relay/production/links',
  RECEIPTS_SECRET: 'optout-relay/production/receipts',
  HUBSPOT_BASE_URL: 'https://api.hubapi.com',
  HUBSPOT_API_VERSION: '2026-09',
  HUBSPOT_RATE_PER_10_S: '190',
  HUBSPOT_BATCH: 'true',
  RELAY_MODE: 'observe',
  DELIVER_CONCURRENCY: '2',
  POWERTOOLS_METRICS_NAMESPACE: 'OptOutRelay',
  SES_TOPIC_ARN: 'arn:aws:sns:eu-central-1:111122223333:ses',
  RESULT_BUS: 'arn:aws:events:eu-central-1:111122223333:event-bus/crm',
  LEDGER_RETENTION_DAYS: '365',
} as const satisfies Record<keyof typeof VARIABLES, string>;

/** A key of the configuration, such as `sources.<name>.lists`. */
export interface Key {
  readonly path: string;
  readonly schema: Schema;
  readonly isRequired: boolean;
}

/** Returns all keys of `relay.config.ts`, outer ones first. */
export function configurationKeys(): readonly Key[] {
  return keysOf('', z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' }));
}

/** Its messages have a table of their own. */
const UNEXPANDED = 'texts';

function keysOf(path: string, schema: Schema): readonly Key[] {
  const variants = [schema, ...(schema.anyOf ?? [])].map((each) => each as Schema);
  return variants.flatMap(({ properties = {}, additionalProperties, required = [] }) => {
    const children = Object.entries(properties).flatMap(([name, child]) => {
      const inner = path === '' ? name : `${path}.${name}`;
      const key = { path: inner, schema: child as Schema, isRequired: required.includes(name) };
      return name === UNEXPANDED ? [key] : [key, ...keysOf(key.path, key.schema)];
    });
    const isMap = typeof additionalProperties === 'object' && path !== '';
    return isMap ? [...children, ...keysOf(`${path}.<name>`, additionalProperties as Schema)] : children;
  });
}

/** Returns the examples in `relay.config.example.ts`, uncommented, by key. */
export function configurationExamples(): ReadonlyMap<string, string> {
  const code = [...read('relay.config.example.ts').matchAll(/^ {2}\/\/ (.*)$/gm)].map(([, line]) => line).join('\n');
  return new Map(code.split(/\n(?=\w)/).map((example) => [example.split(':')[0] ?? '', example]));
}

/** Returns docs/configuration.md. */
export function configurationPage(): string {
  const docs = docstringsOf(SCHEMAS.map(read).join('\n'));
  const keys = configurationKeys();
  const examples = configurationExamples();
  const sections = keys
    .filter(({ path }) => !path.includes('.'))
    .map((key) => section(key, { docs, keys, example: examples.get(key.path) ?? '' }));
  return `${[INTRODUCTION, ...sections, messagesSection(), environmentSection(docs)].join('\n\n')}\n`;
}

const INTRODUCTION = `# Configuration

<!-- \`npm run docs\` writes this page from functions/config/ and relay.config.example.ts. -->

The rules of your deployment are code, which \`npm run build\` and \`npm start\` check. Everything has a default, so an empty
configuration is valid. Write your own in a file that Git ignores:

\`\`\`sh
cp relay.config.example.ts relay.config.own.ts
\`\`\`

Uncomment what you need. \`git pull\` does not touch the copy; [upgrading](upgrading.md) says which keys are new. Then deploy again.
The other pages call the configuration \`relay.config.ts\`, which loads your copy if there is one.

\`RELAY_CONFIG=staging.config.ts npm run package\` uses another file, for a second deployment. The same works for \`npm start\` and
\`relay\`. The deployment itself (domain, rate limits, alarms) has [parameters](deploy.md).`;

interface Context {
  readonly docs: ReadonlyMap<string, Docstring>;
  readonly keys: readonly Key[];
  readonly example: string;
}

function section(key: Key, { docs, keys, example }: Context): string {
  const { path, schema } = key;
  const rows = keys
    .filter((inner) => inner.path.startsWith(`${path}.`) && !isOfTheme(inner))
    .map(
      (inner) =>
        `| \`${inner.path}\` | ${typeOf(inner.schema)} | ${defaultOf(inner, docs)} | ${docOf(inner.path, docs).text} |`,
    );
  const table = rows.length > 0 ? [`| key | value | default | |\n|---|---|---|---|\n${rows.join('\n')}`] : [];
  const ownType = rows.length > 0 ? '' : `Value: ${typeOf(schema)}. `;
  const head = `## \`${path}\`\n\n${docOf(path, docs).text}\n\n${ownType}Default: ${defaultOf(key, docs)}.`;
  return [head, ...table, `\`\`\`ts\n${example}\n\`\`\``].join('\n\n');
}

/** A brand has the keys of `theme`, which its docstring says. */
function isOfTheme({ path }: Key): boolean {
  const [, key = ''] = /^brands\.<name>\.(\w+)/.exec(path) ?? [];
  return Object.hasOwn(themeFields, key);
}

function docOf(path: string, docs: ReadonlyMap<string, Docstring>): Docstring {
  const found = docs.get(path.split('.').at(-1) ?? '');
  if (!found) throw new Error(`${path} has no docstring`);
  return found;
}

function defaultOf({ path, schema, isRequired }: Key, docs: ReadonlyMap<string, Docstring>): string {
  const written =
    docOf(path, docs).default ??
    (schema.default === undefined ? (isRequired ? 'required' : 'none') : JSON.stringify(schema.default));
  const [, code = '', explanation = ''] = /^('[^']*'|[{[].*?[}\]]|[\d_.]+|true|false)(.*)$/.exec(written) ?? [];
  return code === '' ? written : `\`${code}\`${explanation}`;
}

/** Values whose format is a pattern or a check. */
const FORMATS: Readonly<Record<string, string>> = {
  '^[a-z0-9][a-z0-9-]{0,63}$': 'a name: small letters, digits, hyphens',
  [String.raw`^\d{1,15}$`]: 'an id: digits, in quotes',
  '^#[0-9a-f]{6}$': '`#rrggbb`',
  [String.raw`^[1-9]\d{0,5}$`]: 'a number',
  uri: 'a URL',
};

function typeOf(schema: Schema): string {
  const { anyOf, const: constant, enum: values, type, pattern = '', format = '', items, properties } = schema;
  if (anyOf) return anyOf.map((each) => typeOf(each as Schema)).join(' or ');
  if (constant !== undefined) return `\`${JSON.stringify(constant)}\``;
  if (values) return values.map((value) => `\`${quoted(value)}\``).join(', ');
  if (type === 'object') return properties ? 'an object' : 'an object by name';
  if (type === 'array') return `a list of: ${typeOf(items as Schema)}`;
  if (type === 'boolean') return '`true` or `false`';
  if (type === 'string')
    return FORMATS[pattern] ?? FORMATS[format] ?? `a text${range(schema, 'Length', ' characters')}`;
  return `a number${range(schema, 'imum', '')}`;
}

const quoted = (value: unknown): string => (typeof value === 'string' ? `'${value}'` : JSON.stringify(value));

function range(schema: Schema, suffix: 'Length' | 'imum', unit: string): string {
  const least = suffix === 'Length' ? schema.minLength : (schema.minimum ?? schema.exclusiveMinimum);
  const most = suffix === 'Length' ? schema.maxLength : schema.maximum;
  if (most === undefined) return '';
  const above = schema.exclusiveMinimum === undefined ? '' : 'above ';
  return `, ${above}${Number(least).toLocaleString('en')} to ${most.toLocaleString('en')}${unit}`;
}

function messagesSection(): string {
  const rows = Object.entries(en).map(([name, text]) => `| \`${name}\` | ${text} |`);
  const languages = LANGUAGES.map((language) => `\`${language}\``).join(', ');
  return `## Messages of the pages

\`theme.texts\` replaces any of these, in any of the languages ${languages}. Words in braces must stay.

| message | in English |
|---|---|
${rows.join('\n')}`;
}

function environmentSection(docs: ReadonlyMap<string, Docstring>): string {
  const rows = Object.entries(VARIABLES).map(([name, variable]) => {
    const schema: Schema = z.toJSONSchema(variable, { io: 'input', unrepresentable: 'any' });
    const example = ENVIRONMENT_EXAMPLES[name as keyof typeof VARIABLES];
    return `| \`${name}\` | ${docOf(name, docs).text} | ${byDefault(variable)} | ${parameterOf(name)} | ${typeOf(schema)} | \`${example}\` |`;
  });
  return `## Environment of the functions

\`serverless.yml\` sets these variables from the stack's resources and from the [parameters](deploy.md) named here. \`relay --env\`
reads the same ones. \`npm start\` sets all of them; its own variables are in the [README](../README.md#start).

| variable | | default | parameter | value | example |
|---|---|---|---|---|---|
${rows.join('\n')}

The secrets that four of them name hold the [keys and tokens](security.md). No variable holds a secret value.`;
}

/** Returns the default of a variable, or whether it is required. */
function byDefault(variable: z.ZodMiniType): string {
  const missing = z.safeParse(variable, undefined);
  if (!missing.success) return 'required';
  const value = missing.data instanceof URL ? missing.data.origin : missing.data;
  return value === undefined ? 'none' : `\`${value}\``;
}

/** Returns the parameter in `serverless.yml` that a variable is set from. */
function parameterOf(name: string): string {
  const { functions, provider } = parse(read('serverless.yml'));
  const environments = [provider, ...Object.values<{ readonly environment?: object }>(functions)].map(
    ({ environment = {} }) => environment,
  );
  const values = environments.map((environment: Readonly<Record<string, unknown>>) => String(environment[name] ?? ''));
  const [, parameter] = /^\$\{param:(\w+)\}$/.exec(values.find((value) => value !== '') ?? '') ?? [];
  return parameter === undefined ? '–' : `\`${parameter}\``;
}
