import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';
import type { Policy, Properties, Resource, Statement, Template } from '../packaged.ts';
import { ROOT } from '../packaged.ts';

export const { dev, production, staging, protections, bundles, folder } = inject('packaged');

/** Names of the functions: `webhook`, … */
export const functions = bundles.map(({ name }) => name);

export function logicalId(name: string): string {
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}

export function ofType(type: string, from = dev): (readonly [string, Resource])[] {
  return Object.entries(from.Resources).filter(([, resource]) => resource.Type === type);
}

export function propertiesOf(id: string, from = dev): Properties {
  return from.Resources[id]?.Properties ?? {};
}

export function lambda(name: string, from = dev): Properties {
  return propertiesOf(`${logicalId(name)}LambdaFunction`, from);
}

export function variablesOf(name: string, from = dev): Readonly<Record<string, unknown>> {
  return lambda(name, from).Environment?.Variables ?? {};
}

/** Returns the logical id of a `{ Ref }` or `{ Fn::GetAtt }`, the text of a `{ Fn::Sub }`, or the value itself. */
export function target(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if ('Ref' in value) return value.Ref;
  if ('Fn::Sub' in value) return String(value['Fn::Sub']).replaceAll(/\$\{(?:AWS::)?([\w.]+)\}/g, '<$1>');
  return 'Fn::GetAtt' in value && Array.isArray(value['Fn::GetAtt']) ? value['Fn::GetAtt'][0] : value;
}

/** Returns what a role may do, including attached policies: `sqs:SendMessage OptOutQueue`. */
export function allowed(role: string, from = dev): string[] {
  const attached = ['AWS::IAM::Policy', 'AWS::IAM::RolePolicy'].flatMap((type) => ofType(type, from));
  const others = attached.flatMap(([, { Properties }]) =>
    [Properties.Roles ?? Properties.RoleName].flat().map(target).includes(role) ? [Properties.PolicyDocument] : [],
  );
  const own = propertiesOf(role, from).Policies?.map(({ PolicyDocument }) => PolicyDocument) ?? [];
  return [...own, ...others].flatMap((policy) => policy?.Statement ?? []).flatMap(sentences);
}

/** Returns what a policy allows, in the same format. */
export function permitted({ Statement }: Policy): string[] {
  return Statement.flatMap(sentences);
}

function sentences({ Action, Resource, Condition }: Statement): string[] {
  const where = Condition === undefined ? '' : ` if ${JSON.stringify(Condition)}`;
  const on = [Resource].flat().map(target);
  return [Action].flat().flatMap((action) => on.map((resource) => `${action} ${resource}${where}`));
}

/** Returns the project's own source code in a function's bundle. */
export function codeOf(name: string): string {
  const files = bundles.find((each) => each.name === name)?.files ?? [];
  const kept = files.filter(({ bytes }) => bytes > 0);
  return kept.map((file) => readFileSync(join(ROOT, file.name), 'utf8')).join('\n');
}

/** Returns the logical id of the function that a trigger invokes through its alias. */
export function invoked({ FunctionName }: Properties): string {
  return String(target(FunctionName)).replace(/Alias$/, '');
}

/** Returns the values of an `{ Fn::If }` where its condition holds and where it does not. */
export function branches(value: unknown): readonly [unknown, unknown] {
  if (typeof value !== 'object' || value === null || !('Fn::If' in value)) return [value, value];
  const [, then, otherwise] = value['Fn::If'] as readonly [string, unknown, unknown];
  return [then, otherwise];
}

export type { Properties, Resource, Template };
