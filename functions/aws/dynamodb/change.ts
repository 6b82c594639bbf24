import { marshall } from '@aws-sdk/util-dynamodb';
import type { Change } from './table.ts';

/** By name; what is undefined is removed. */
export type Fields = Readonly<Record<string, unknown>>;

/** The change that sets and removes fields under a condition; `values` are those that only the condition names. */
export function changing(ConditionExpression: string, fields: Fields, values: Fields = {}): Change {
  const set = Object.keys(fields).filter((name) => fields[name] !== undefined);
  const gone = Object.keys(fields).filter((name) => fields[name] === undefined);
  const remove = gone.length > 0 ? ` REMOVE ${gone.map((name) => `#${name}`).join(', ')}` : '';
  const asked = [...ConditionExpression.matchAll(/#(\w+)/g)].map(([, name = '']) => name);
  return {
    ConditionExpression,
    UpdateExpression: `SET ${set.map((name) => `#${name} = :${name}`).join(', ')}${remove}`,
    ExpressionAttributeNames: namesOf([...asked, ...set, ...gone]),
    ExpressionAttributeValues: valuesOf({ ...Object.fromEntries(set.map((name) => [name, fields[name]])), ...values }),
  };
}

export function namesOf(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [`#${name}`, name]));
}

export function valuesOf(values: Fields) {
  return marshall(Object.fromEntries(Object.entries(values).map(([name, value]) => [`:${name}`, value])));
}
