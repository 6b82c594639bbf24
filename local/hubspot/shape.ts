/** What a JSON value must be, and how to say so. */
export interface Kind<T> {
  readonly expected: string;
  readonly accepts: (value: unknown) => value is T;
}

/** The type of what a kind accepts. */
export type Accepted<K> = K extends Kind<infer T> ? T : never;

/** JSON that is not what was asked for. The message describes what would have been. */
export class WrongShape extends Error {
  override readonly name = 'WrongShape';
}

/** Parses JSON text of a kind. Throws WrongShape. */
export function readJson<T>(body: string, { accepts, expected }: Kind<T>): T {
  const value = parse(body);
  if (accepts(value)) return value;
  throw new WrongShape(`the body must be ${expected}`);
}

export const text = kind('a string', (value): value is string => typeof value === 'string');

export const flag = kind('true or false', (value): value is boolean => typeof value === 'boolean');

export const anything = kind('anything', (_value): _value is unknown => true);

/** A date and time that can be read, as a string. */
export const time = kind(
  'a time',
  (value): value is string => typeof value === 'string' && !Number.isNaN(Date.parse(value)),
);

/** A whole number in a range, ends included. */
export const whole = (least = 0, most: number = Number.MAX_SAFE_INTEGER) =>
  kind(
    `a whole number from ${least} to ${most}`,
    (value): value is number => Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= most,
  );

/** One of these strings. */
export const oneOf = <const T extends string>(...words: readonly T[]) =>
  kind(words.join(' or '), (value): value is T => words.some((word) => word === value));

/** The same, or absent, or null. */
export const optional = <T>({ expected, accepts }: Kind<T>) =>
  kind(`${expected} or nothing`, (value): value is T | null | undefined => value == null || accepts(value));

/** A list of them. */
export const listOf = <T>({ expected, accepts }: Kind<T>) =>
  kind(`a list of ${expected}`, (value): value is readonly T[] => Array.isArray(value) && value.every(accepts));

/** An object of these fields and no others, unless others are ignored. */
export function objectOf<F extends Readonly<Record<string, Kind<unknown>>>>(fields: F, others?: 'ignored') {
  const described = Object.entries(fields).map(([name, { expected }]) => `${name}: ${expected}`);
  return kind(
    `{${described.join(', ')}}`,
    (value): value is { readonly [K in keyof F]: Accepted<F[K]> } =>
      isRecord(value) &&
      (others === 'ignored' || Object.keys(value).every((name) => Object.hasOwn(fields, name))) &&
      Object.entries(fields).every(([name, { accepts }]) => accepts(value[name])),
  );
}

/** An object, not an array and not null. */
export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function kind<T>(expected: string, accepts: (value: unknown) => value is T): Kind<T> {
  return { expected, accepts };
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new WrongShape('the body is not JSON');
  }
}
