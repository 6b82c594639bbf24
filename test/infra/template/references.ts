import type { Template } from '../packaged.ts';
import { specification } from './specification.ts';

/** A reference from one part of a template to another. */
interface Reference {
  /** `Resources.OptOutQueue`, `Outputs.DomainTarget` or `Conditions.HasKey`. */
  readonly from: string;
  readonly to: string;
  readonly attribute?: string;
  readonly isCondition?: boolean;
  /** Conditions that hold wherever this reference is evaluated. */
  readonly given: readonly string[];
}

/** Returns the broken references of a template: `<from> → <to>: <fault>`. */
export function referenceFaults(template: Template): readonly string[] {
  return referencesOf(template).flatMap((reference) => {
    const fault = faultOf(reference, template);
    return fault === undefined ? [] : [`${reference.from} → ${reference.to}: ${fault}`];
  });
}

/** Returns, for each resource, the resources that must be created before it. */
export function needsOf(template: Template): ReadonlyMap<string, readonly string[]> {
  const references = referencesOf(template).filter(({ isCondition }) => !isCondition);
  return new Map(
    Object.keys(template.Resources).map((id) => [
      id,
      references.flatMap(({ from, to }) => (from === `Resources.${id}` && to in template.Resources ? [to] : [])),
    ]),
  );
}

function faultOf({ to, attribute, isCondition, given }: Reference, { Resources, Conditions }: Template) {
  if (isCondition) return to in Conditions ? undefined : 'unknown condition';
  if (to.startsWith('AWS::')) return undefined;
  const resource = Resources[to];
  if (!resource) return 'unknown resource';
  if (resource.Condition && !given.includes(resource.Condition)) return `exists only if ${resource.Condition}`;
  const [known] = specification.lookup('resource', 'cloudFormationType', 'equals', resource.Type);
  const isThere = attribute === undefined || attribute in (known?.attributes ?? {});
  return isThere ? undefined : `has no attribute ${attribute}`;
}

function referencesOf(template: Template): readonly Reference[] {
  return (['Resources', 'Outputs', 'Conditions'] as const).flatMap((section) =>
    Object.entries(template[section] ?? {}).flatMap(([id, part]) => {
      const { Condition, DependsOn = [] } = part as {
        readonly Condition?: string;
        readonly DependsOn?: string | string[];
      };
      const from = `${section}.${id}`;
      const given = typeof Condition === 'string' ? [Condition] : [];
      return [
        ...given.map((to) => ({ from, to, isCondition: true, given: [] })),
        ...[DependsOn].flat().map((to) => ({ from, to, given })),
        ...within(part, { from, given }),
      ];
    }),
  );
}

type Place = Pick<Reference, 'from' | 'given'>;

function within(value: unknown, place: Place): readonly Reference[] {
  if (typeof value !== 'object' || value === null) return [];
  const here = Object.entries(INTRINSICS).flatMap(([name, read]) =>
    name in value ? read((value as Readonly<Record<string, unknown>>)[name], place) : [],
  );
  return 'Fn::If' in value ? here : [...here, ...Object.values(value).flatMap((each) => within(each, place))];
}

const INTRINSICS: Readonly<Record<string, (given: unknown, place: Place) => readonly Reference[]>> = {
  Ref: (to, place) => [{ ...place, to: String(to) }],
  'Fn::GetAtt': (path, place) => {
    const [to = '', ...attribute] = [path].flat().map(String);
    return [{ ...place, to, attribute: attribute.join('.') }];
  },
  'Fn::Sub': (given, place) => {
    const [text, variables = {}]: readonly unknown[] = Array.isArray(given) ? given : [given];
    const defined = Object.keys(variables as object);
    return [...String(text).matchAll(/\$\{([\w:]+)(?:\.([\w.]+))?\}/g)].flatMap(([, to = '', attribute]) =>
      defined.includes(to) ? [] : [{ ...place, to, ...(attribute ? { attribute } : {}) }],
    );
  },
  'Fn::If': (parts, place) => {
    const [to, then, otherwise] = parts as readonly [string, unknown, unknown];
    const isSo = { ...place, given: [...place.given, to] };
    return [{ ...place, to, isCondition: true }, ...within(then, isSo), ...within(otherwise, place)];
  },
};
