import { loadAwsServiceSpec } from '@aws-cdk/aws-service-spec';
import type { Property, PropertyType } from '@aws-cdk/service-spec-types';
import type { Template } from '../packaged.ts';

/** AWS's own description of its resources and metrics, as of the installed version. */
export const specification = await loadAwsServiceSpec();

/** What of a template's resources is not as AWS describes them: `<resource>.<path>: <what>`. */
export function shapeFaults({ Resources }: Template): readonly string[] {
  return Object.entries(Resources).flatMap(([id, { Type, Properties = {} }]) => {
    const [known] = specification.lookup('resource', 'cloudFormationType', 'equals', Type);
    return known ? memberFaults(Properties, known.properties, id) : [`${id}: there is no ${Type}`];
  });
}

type Members = Readonly<Record<string, Property>>;

function memberFaults(value: object, members: Members, path: string): readonly string[] {
  const missing = Object.entries(members).filter(([name, { required }]) => required && !(name in value));
  return [
    ...missing.map(([name]) => `${path}: ${name} is missing`),
    ...Object.entries(value).flatMap(([name, member]) => {
      const known = members[name];
      if (!known) return [`${path}: ${name} is not known`];
      const { type, previousTypes = [] } = known;
      return leastFaults(member, [type, ...previousTypes], `${path}.${name}`);
    }),
  ];
}

const STRUCTURED = ['array', 'map', 'ref'];

/** AWS still takes what it described otherwise before; what was any JSON before may have a structure now. */
function leastFaults(value: unknown, types: readonly PropertyType[], path: string): readonly string[] {
  const isStructured = types.some(({ type }) => STRUCTURED.includes(type));
  const telling = types.filter(({ type }) => !(isStructured && type === 'json'));
  const [least = []] = telling
    .map((type) => typeFaults(value, type, path))
    .toSorted((one, two) => one.length - two.length);
  return least;
}

function typeFaults(value: unknown, type: PropertyType, path: string): readonly string[] {
  if (isIntrinsic(value)) return intrinsicFaults(value, type, path);
  switch (type.type) {
    case 'array':
      if (!Array.isArray(value)) return [`${path}: is no list`];
      return value.flatMap((each, index) => typeFaults(each, type.element, `${path}.${index}`));
    case 'map':
      if (!isObject(value)) return [`${path}: is no object`];
      return Object.entries(value).flatMap(([name, each]) => typeFaults(each, type.element, `${path}.${name}`));
    case 'ref':
      if (!isObject(value)) return [`${path}: is no object`];
      return memberFaults(value, specification.get('typeDefinition', type.reference).properties, path);
    case 'union':
      return leastFaults(value, type.types, path);
    default:
      return scalarFaults(value, type, path);
  }
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** CloudFormation takes numbers and booleans as text, too. */
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
  if (isObject(value) || Array.isArray(value) || !pattern.test(String(value))) return [`${path}: is no ${type.type}`];
  const values: readonly unknown[] = ('allowedValues' in type && type.allowedValues) || [value];
  return values.includes(value) ? [] : [`${path}: is none of ${values.join(', ')}`];
}

const INTRINSIC = /^(Ref|Fn::\w+)$/;

function isIntrinsic(value: unknown): value is Readonly<Record<string, unknown>> {
  return isObject(value) && Object.keys(value).length === 1 && INTRINSIC.test(Object.keys(value).join());
}

/** Of a condition both ends are looked at; of the others nothing is known until they are deployed. */
function intrinsicFaults(
  value: Readonly<Record<string, unknown>>,
  type: PropertyType,
  path: string,
): readonly string[] {
  const [, ...ends] = Array.isArray(value['Fn::If']) ? value['Fn::If'] : [];
  return ends.flatMap((end) => typeFaults(end, type, path));
}
