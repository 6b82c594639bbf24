import { Misconfigured, RelayError } from '../../functions/core/model/errors.ts';
import { errorText } from '../error-text.ts';

/** The result of one check. Contains no secret. */
export interface Finding {
  readonly check: string;
  readonly result: 'ok' | 'warning' | 'fault';
  readonly message: string;
  /** How to fix it. */
  readonly fix?: string;
}

export function ok(check: string, message: string): Finding {
  return { check, result: 'ok', message };
}

export function warning(check: string, message: string, fix: string): Finding {
  return { check, result: 'warning', message, fix };
}

export function fault(check: string, message: string, fix: string): Finding {
  return { check, result: 'fault', message, fix };
}

/** Runs a check. An error becomes a fault, without the message of errors that are not ours: it may contain a secret. */
export async function examine(
  check: string,
  run: () => Promise<readonly Finding[]>,
  fix: string,
): Promise<readonly Finding[]> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof RelayError)
      return [fault(check, error.message, error instanceof Misconfigured ? `correct it; ${fix}` : fix)];
    return [fault(check, `unavailable: ${errorText(error)}`, fix)];
  }
}
