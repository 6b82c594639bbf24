/** The sections of a CloudFormation template that may depend on conditions. */
export interface Template {
  readonly Conditions?: Readonly<Record<string, unknown>>;
  readonly Resources: Section;
  readonly Outputs?: Section;
  readonly [section: string]: unknown;
}

type Section = Readonly<Record<string, { readonly Condition?: string; readonly [attribute: string]: unknown }>>;

/**
 * Evaluates the conditions of a template as CloudFormation does, and returns it without them and without what they exclude.
 * osls writes parameters into the template, so all conditions are constant. cfn-lint and checkov do not evaluate them; they would
 * judge branches that are never used, such as an empty key ARN.
 *
 * @throws Error if a condition is not constant
 */
export function withoutConditions({ Conditions = {}, Resources, Outputs = {}, ...rest }: Template): Template {
  const isMet = (name: string): boolean => evaluate(Conditions[name], isMet);
  const metIn = (section: Section) =>
    Object.entries(section).flatMap(([id, { Condition, ...part }]) =>
      Condition === undefined || isMet(Condition) ? [[id, part] as const] : [],
    );
  const met = { ...rest, Resources: Object.fromEntries(metIn(Resources)), Outputs: Object.fromEntries(metIn(Outputs)) };
  return JSON.parse(JSON.stringify(met), (key, value) => reduced(key, value, isMet));
}

type IsMet = (name: string) => boolean;

function evaluate(condition: unknown, isMet: IsMet): boolean {
  const { 'Fn::Equals': equals, 'Fn::Not': not, 'Fn::And': and, 'Fn::Or': or, Condition: name } = fields(condition);
  if (Array.isArray(equals) && equals.every((each) => typeof each === 'string')) return equals[0] === equals[1];
  if (Array.isArray(not)) return !evaluate(not[0], isMet);
  if (Array.isArray(and)) return and.every((part) => evaluate(part, isMet));
  if (Array.isArray(or)) return or.some((part) => evaluate(part, isMet));
  if (typeof name === 'string') return isMet(name);
  throw new Error(`not a constant condition: ${JSON.stringify(condition)}`);
}

const fields = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};

/** Replaces an `Fn::If` by its branch, and removes `AWS::NoValue`. Called for the innermost values first. */
function reduced(key: string, value: unknown, isMet: IsMet): unknown {
  if (key === 'Fn::If') return value;
  if (Array.isArray(value)) return value.filter((each) => each !== undefined);
  const { 'Fn::If': choice, Ref } = fields(value);
  if (Ref === 'AWS::NoValue') return undefined;
  if (!Array.isArray(choice)) return value;
  const [name, then, otherwise] = choice;
  return isMet(String(name)) ? then : otherwise;
}
