import type { Template } from '../packaged.ts';
import { specification } from './specification.ts';

/** A place where a template names something else in it. */
interface Reference {
  /** `Resources.OptOutQueue`, `Outputs.DomainTarget` or `Conditions.HasKey`. */
  readonly from: string;
  readonly to: string;
  readonly attribute?: string;
  readonly isCondition?: boolean;
  /** What holds wherever the place counts. */
  readonly given: readonly string[];
}

/** What a template names and does not have: `<from> → <to>: <what>`. */
export function referenceFaults(template: Template): readonly string[] {
  return referencesOf(template).flatMap((reference) => {
    const fault = faultOf(reference, template);
    return fault === undefined ? [] : [`${reference.from} → ${reference.to}: ${fault}`];
  });
}

/** The resources that each resource needs before it can be made. */
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
  if (isCondition) return to in Conditions ? undefined : 'there is no such condition';
  if (to.startsWith('AWS::')) return undefined;
  const resource = Resources[to];
  if (!resource) return 'there is no such resource';
  if (resource.Condition && !given.includes(resource.Condition)) return `is there only if ${resource.Condition}`;
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
  'Fn::Sub': (text, place) =>
    [...String(text).matchAll(/\$\{([\w:]+)(?:\.([\w.]+))?\}/g)].map(([, to = '', attribute]) => ({
      ...place,
      to,
      ...(attribute ? { attribute } : {}),
    })),
  'Fn::If': (parts, place) => {
    const [to, then, otherwise] = parts as readonly [string, unknown, unknown];
    const isSo = { ...place, given: [...place.given, to] };
    return [{ ...place, to, isCondition: true }, ...within(then, isSo), ...within(otherwise, place)];
  },
};
