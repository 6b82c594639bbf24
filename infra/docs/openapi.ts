import { readFileSync } from 'node:fs';
import * as z from 'zod/mini';
import { readTemplate } from '../../local/template.ts';
import type { Content, Operation, Parameter, Response } from './operations.ts';
import { OPERATIONS, PATH_PARAMETERS, SCHEMAS } from './operations.ts';

const ROOT = new URL('../../', import.meta.url);

/**
 * Returns docs/openapi.json.
 *
 * @throws {Error} if a route of `serverless.yml` is not described, or a description has no route
 */
export function openApi(): string {
  const routes = Object.values(readTemplate(ROOT, {}).routes).flat();
  const unserved = Object.keys(OPERATIONS).filter((key) => !routes.includes(key));
  if (unserved.length > 0) throw new Error(`serverless.yml does not serve ${unserved.join(', ')}`);
  const { version, license } = JSON.parse(readFileSync(new URL('package.json', ROOT), 'utf8'));
  const description = {
    openapi: '3.1.0',
    info: {
      title: 'optout-relay',
      version,
      summary: 'Carries every opt-out to HubSpot, and proves it.',
      license: { name: license, identifier: license },
    },
    servers: [{ url: 'https://{host}', variables: { host: { default: 'optout.example.com' } } }],
    paths: pathsOf(routes),
    components: {
      schemas: Object.fromEntries(Object.entries(SCHEMAS).map(([name, schema]) => [name, jsonSchemaOf(schema)])),
      securitySchemes: { apiKey: { type: 'http', scheme: 'bearer' } },
    },
  };
  return `${JSON.stringify(description, null, 2)}\n`;
}

function pathsOf(routes: readonly string[]) {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const key of routes) {
    const [method = '', path = ''] = key.split(' ');
    const operation = OPERATIONS[key] ?? withoutBodies(OPERATIONS[`GET ${path}`]);
    if (!operation) throw new Error(`infra/docs/operations.ts does not describe the route ${key}`);
    const parameters = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => parameterOf(name, 'path'));
    const item = paths[path] ?? (parameters.length > 0 ? { parameters } : {});
    paths[path] = { ...item, [method.toLowerCase()]: operationOf(operation) };
  }
  return paths;
}

/** Responses to HEAD have no body. */
function withoutBodies(operation: Operation | undefined): Operation | undefined {
  if (!operation) return undefined;
  const responses = Object.entries(operation.responses).map(([status, { content: _none, ...rest }]) => [status, rest]);
  return { ...operation, responses: Object.fromEntries(responses) };
}

function operationOf({ summary, description, query = {}, requestBody, isSecured, responses }: Operation) {
  const parameters = Object.entries(query).map(([name, parameter]) => parameterOf(name, 'query', parameter));
  return {
    summary,
    ...(description === undefined ? {} : { description }),
    ...(isSecured ? { security: [{ apiKey: [] }] } : {}),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(requestBody === undefined ? {} : { requestBody: { content: contentOf(requestBody) } }),
    responses: Object.fromEntries(
      Object.entries(responses).map(([status, response]) => [status, responseOf(response)]),
    ),
  };
}

function parameterOf(name: string, where: 'path' | 'query', parameter: Parameter | undefined = PATH_PARAMETERS[name]) {
  if (!parameter) throw new Error(`infra/docs/operations.ts does not describe {${name}}`);
  const { description, schema } = parameter;
  return { name, in: where, ...(where === 'path' ? { required: true } : {}), description, schema: schemaOf(schema) };
}

function responseOf({ description, content, headers = {} }: Response) {
  const described = Object.entries(headers).map(([name, holds]) => [
    name,
    { description: holds, required: true, schema: { type: 'string' } },
  ]);
  return {
    description,
    ...(described.length > 0 ? { headers: Object.fromEntries(described) } : {}),
    ...(content === undefined ? {} : { content: contentOf(content) }),
  };
}

function contentOf(content: Content) {
  return Object.fromEntries(Object.entries(content).map(([type, schema]) => [type, { schema: schemaOf(schema) }]));
}

/** A schema with a name is referred to. */
function schemaOf(schema: z.ZodMiniType) {
  const named = Object.entries(SCHEMAS).find(([, each]) => each === schema);
  return named ? { $ref: `#/components/schemas/${named[0]}` } : jsonSchemaOf(schema);
}

function jsonSchemaOf(schema: z.ZodMiniType) {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io: 'input' });
  return rest;
}
