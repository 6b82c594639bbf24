import { isObject, type Payload, rowOf } from '../../functions/core/payload/fields.ts';

/**
 * Returns whether an event matches a rule's pattern. Throws for an unsupported filter, so that a rule never fails silently.
 *
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 */
export function matches(pattern: Payload, event: Payload): boolean {
  return Object.entries(pattern).every(([name, wanted]) => {
    if (name === '$or') return arrayIn(wanted).some((each) => isObject(each) && matches(each, event));
    if (isObject(wanted)) return partsIn(rowOf(event, name)).some((part) => matches(wanted, part));
    const values = valuesIn(rowOf(event, name));
    return arrayIn(wanted).some((filter) => passes(filter, values));
  });
}

const arrayIn = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);

/** A missing field has no values. One matching value of an array is enough. */
const valuesIn = (value: unknown): readonly unknown[] => (value === undefined ? [] : arrayIn(value));

/** A missing object is treated as empty, so that `exists: false` matches inside it. */
function partsIn(value: unknown): readonly Payload[] {
  const parts = valuesIn(value).filter(isObject);
  return parts.length === 0 ? [{}] : parts;
}

function passes(filter: unknown, values: readonly unknown[]): boolean {
  if (!isObject(filter)) return values.includes(filter);
  const [[name = '', operand] = []] = Object.entries(filter);
  if (name === 'exists') return values.length > 0 === operand;
  const holds = rowOf(FILTERS, name);
  if (holds === undefined) throw new Error(`The local EventBridge does not support the filter ${name}.`);
  return values.some((value) => holds(operand, value));
}

const FILTERS: Readonly<Record<string, (operand: unknown, value: unknown) => boolean>> = {
  prefix: (start, value) => typeof value === 'string' && value.startsWith(`${start}`),
  suffix: (end, value) => typeof value === 'string' && value.endsWith(`${end}`),
  'equals-ignore-case': (text, value) => typeof value === 'string' && value.toLowerCase() === `${text}`.toLowerCase(),
  'anything-but': (filters, value) => !arrayIn(filters).some((filter) => passes(filter, [value])),
  numeric: (bounds, value) => typeof value === 'number' && isWithin(arrayIn(bounds), value),
};

/** Checks pairs of a comparison and a number, such as `['>', 0, '<=', 5]`. */
function isWithin([comparison, bound, ...more]: readonly unknown[], value: number): boolean {
  const compare = COMPARISONS[`${comparison}`];
  return compare?.(value, Number(bound)) === true && (more.length === 0 || isWithin(more, value));
}

const COMPARISONS: Readonly<Record<string, (left: number, right: number) => boolean>> = {
  '=': (left, right) => left === right,
  '<': (left, right) => left < right,
  '<=': (left, right) => left <= right,
  '>': (left, right) => left > right,
  '>=': (left, right) => left >= right,
};
