import * as z from 'zod/mini';

/** A body that is not JSON or does not match its schema. The message names the field and the expected type. */
export class InvalidBody extends Error {
  override readonly name = 'InvalidBody';
}

const { localeError: error } = z.locales.en();

/**
 * Parses JSON with a schema.
 * @throws {InvalidBody}
 */
export function readJson<Value>(body: string, schema: z.ZodMiniType<Value>): Value {
  const result = z.safeParse(schema, parse(body), { error });
  if (result.success) return result.data;
  const issues = result.error.issues.map(({ path, message }) => `${path.join('.') || 'the body'}: ${message}`);
  throw new InvalidBody(issues.join('; '));
}

/** A whole number within a range, both ends included. */
export const whole = (min = 0, max: number = Number.MAX_SAFE_INTEGER) => z.int().check(z.gte(min), z.lte(max));

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new InvalidBody('the body is not JSON');
  }
}
