import { loadAwsServiceSpec } from '@aws-cdk/aws-service-spec';
import type { Property, PropertyType } from '@aws-cdk/service-spec-types';
import type { Template } from '../packaged.ts';

/** AWS's specification of resources and metrics, in the installed version. */
export const specification = await loadAwsServiceSpec();

/** Returns where a template's resources violate the specification: `<resource>.<path>: <fault>`. */
export function shapeFaults({ Resources }: Template): readonly string[] {
  return Object.entries(Resources).flatMap(([id, { Type, Properties = {} }]) => {
    const [known] = specification.lookup('resource', 'cloudFormationType', 'equals', Type);
    return known ? memberFaults(Properties, known.properties, id) : [`${id}: unknown type ${Type}`];
  });
}

type Members = Readonly<Record<string, Property>>;

function memberFaults(value: object, members: Members, path: string): readonly string[] {
  const missing = Object.entries(members).filter(([name, { required }]) => required && !(name in value));
  return [
    ...missing.map(([name]) => `${path}: ${name} is missing`),
    ...Object.entries(value).flatMap(([name, member]) => {
      const known = members[name];
      if (!known) return [`${path}: ${name} is not a known property`];
      const { type, previousTypes = [] } = known;
      return leastFaults(member, [type, ...previousTypes], `${path}.${name}`);
    }),
  ];
}

const STRUCTURED = ['array', 'map', 'ref'];

/** AWS still accepts the previous types of a property. A property that was plain JSON may have a structured type now. */
function leastFaults(value: unknown, types: readonly PropertyType[], path: string): readonly string[] {
  const isStructured = types.some(({ type }) => STRUCTURED.includes(type));
  const candidates = types.filter(({ type }) => !(isStructured && type === 'json'));
  const [least = []] = candidates
    .map((type) => typeFaults(value, type, path))
    .toSorted((one, two) => one.length - two.length);
  return least;
}

function typeFaults(value: unknown, type: PropertyType, path: string): readonly string[] {
  if (isIntrinsic(value)) return intrinsicFaults(value, type, path);
  switch (type.type) {
    case 'array':
      if (!Array.isArray(value)) return [`${path}: is not a list`];
      return value.flatMap((each, index) => typeFaults(each, type.element, `${path}.${index}`));
    case 'map':
      if (!isObject(value)) return [`${path}: is not an object`];
      return Object.entries(value).flatMap(([name, each]) => typeFaults(each, type.element, `${path}.${name}`));
    case 'ref':
      if (!isObject(value)) return [`${path}: is not an object`];
      return memberFaults(value, specification.get('typeDefinition', type.reference).properties, path);
    case 'union':
      return leastFaults(value, type.types, path);
    default:
      return scalarFaults(value, type, path);
  }
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** CloudFormation also accepts numbers and booleans as strings. */
const SCALARS: Readonly<Record<string, RegExp>> = {
  string: /^/,
  number: /^-?\d+(\.\d+)?$/,
  integer: /^-?\d+$/,
  boolean: /^(true|false)$/,
  'date-time': /^\d{4}-\d\d-\d\dT/,
  null: /^null$/,
};

function scalarFaults(value: unknown, type: PropertyType, path: string): readonly string[] {
  const pattern = SCALARS[type.type];
  if (!pattern) return [];
  if (isObject(value) || Array.isArray(value) || !pattern.test(String(value)))
    return [`${path}: not a valid ${type.type}`];
  const values: readonly unknown[] = ('allowedValues' in type && type.allowedValues) || [value];
  return values.includes(value) ? [] : [`${path}: is not one of ${values.join(', ')}`];
}

const INTRINSIC = /^(Ref|Fn::\w+)$/;

function isIntrinsic(value: unknown): value is Readonly<Record<string, unknown>> {
  return isObject(value) && Object.keys(value).length === 1 && INTRINSIC.test(Object.keys(value).join());
}

/** Both branches of a condition are checked. Other intrinsics resolve at deployment and are not. */
function intrinsicFaults(
  value: Readonly<Record<string, unknown>>,
  type: PropertyType,
  path: string,
): readonly string[] {
  const [, ...branches] = Array.isArray(value['Fn::If']) ? value['Fn::If'] : [];
  return branches.flatMap((branch) => typeFaults(branch, type, path));
}
