import { Misconfigured } from '../core/model/errors.ts';

/** Creates the error for an invalid value at a path. */
export function invalid(path: string, reason = ''): Misconfigured {
  return new Misconfigured(`relay.config.ts: ${path} is not valid${reason}`);
}
