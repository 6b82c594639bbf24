import { readFileSync } from 'node:fs';
import { fromJSONSchema } from 'zod/v4';

/** A response of the relay. Header names are lower-case. */
export interface GivenResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

interface Described {
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly content?: Readonly<Record<string, { readonly schema: Schema }>>;
}

type Schema = Readonly<Record<string, unknown>> & { readonly $ref?: string };
type Operations = Readonly<Record<string, { readonly responses: Readonly<Record<string, Described>> }>>;

const { paths, components } = JSON.parse(readFileSync(new URL('../docs/openapi.json', import.meta.url), 'utf8')) as {
  readonly paths: Readonly<Record<string, Operations>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
};
const PATHS = Object.entries(paths).map(([path, operations]) => {
  return { path, operations, pattern: new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`) };
});

/** Returns how the response of a route differs from docs/openapi.json. Undefined if it does not, or if there is no such route. */
export function undescribed(method: string, pathname: string, response: GivenResponse): string | undefined {
  const { path, operations } = PATHS.find(({ pattern }) => pattern.test(pathname)) ?? {};
  const operation = operations?.[method.toLowerCase()];
  if (!operation) return undefined;
  const described = operation.responses[response.status];
  const fault = described === undefined ? `status ${response.status}` : faultOf(described, response);
  return fault && `${method} ${path}: ${fault} is not as described in docs/openapi.json`;
}

function faultOf({ headers = {}, content }: Described, response: GivenResponse): string | undefined {
  const missing = Object.keys(headers).find((name) => response.headers[name] === undefined);
  if (missing !== undefined) return `the header ${missing}`;
  if (response.body === '') return content === undefined || '*/*' in content ? undefined : 'the empty body';
  const type = String(response.headers['content-type']).replace(/;.*/, '');
  const { schema } = content?.[type] ?? content?.['*/*'] ?? {};
  if (!schema) return `the media type ${type}`;
  return type !== 'application/json' || '*/*' in (content ?? {}) || matches(schema, response.body)
    ? undefined
    : `the body of ${response.status}`;
}

function matches({ $ref = '', ...schema }: Schema, body: string): boolean {
  const named = components.schemas[$ref.replace('#/components/schemas/', '')];
  return fromJSONSchema(named ?? schema).safeParse(JSON.parse(body)).success;
}
