import { Misconfigured, RelayError } from '../../functions/core/model/errors.ts';
import { causeOf } from '../error-text.ts';

/** What was seen of one thing. Holds no secret. */
export interface Finding {
  readonly check: string;
  readonly result: 'ok' | 'warning' | 'fault';
  readonly says: string;
  /** What to do about it. */
  readonly fix?: string;
}

export function ok(check: string, says: string): Finding {
  return { check, result: 'ok', says };
}

export function warning(check: string, says: string, fix: string): Finding {
  return { check, result: 'warning', says, fix };
}

export function fault(check: string, says: string, fix: string): Finding {
  return { check, result: 'fault', says, fix };
}

/** The findings, or the one fault that kept us from any: of another's error the name alone, since its message may quote anything. */
export async function examine(
  check: string,
  run: () => Promise<readonly Finding[]>,
  fix: string,
): Promise<readonly Finding[]> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof RelayError)
      return [fault(check, error.message, error instanceof Misconfigured ? `set it right; ${fix}` : fix)];
    return [fault(check, `it cannot be reached: ${causeOf(error)}`, fix)];
  }
}
