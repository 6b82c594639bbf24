/** Selects the message that a page shows for an error: see pages/wording.ts. */
export const ERROR_CODES = [
  'badLink',
  'badAddress',
  'trapFilled',
  'unknownBrand',
  'tooLarge',
  'unreadable',
  'alreadyRecorded',
  'tooMany',
  'failure',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** An error that is safe to show. Programs get `message`, which contains no values; people get the text for `errorCode`. */
export interface PublicError {
  readonly status: number;
  readonly message: string;
  readonly errorCode: ErrorCode;
  /** Set if the caller exceeded its rate limit. */
  readonly retryAfterSeconds?: number | undefined;
}

/**
 * An expected error. Its class determines the HTTP status. The message names the rule that was broken and never contains a
 * value from the request, so it is safe in any response and any log.
 */
export abstract class RelayError extends Error {
  abstract readonly status: number;
  /** The message that a page shows, translated. `message` is for programs and logs, in English. */
  readonly errorCode: ErrorCode = 'failure';
}

/** The caller could not be verified. Always 401: several senders stop permanently on 403, 404, 406 or 410. */
export class Unauthenticated extends RelayError {
  override readonly name = 'Unauthenticated';
  readonly status = 401;
}

/** The source has no secret, so no caller can be verified. */
export class NoSecret extends Unauthenticated {
  constructor() {
    super('no secret is configured for this source');
  }
}

/** The input is not as documented. A retry will not help. */
export class Unreadable extends RelayError {
  override readonly name: string = 'Unreadable';
  readonly status = 400;
  override readonly errorCode: ErrorCode;

  constructor(message: string, errorCode: ErrorCode = 'unreadable') {
    super(message);
    this.errorCode = errorCode;
  }
}

/** A token cannot be unsealed: it is altered, truncated, expired, or sealed with an unknown key. */
export class InvalidToken extends Unreadable {
  override readonly name = 'InvalidToken';
  override readonly errorCode = 'badLink';
}

/** There is no such route or source. A retry will not help. */
export class NotFound extends RelayError {
  override readonly name = 'NotFound';
  readonly status = 404;
  override readonly errorCode = 'badLink';
}

/** The body exceeds the limit of the route. */
export class TooLarge extends RelayError {
  override readonly name = 'TooLarge';
  readonly status = 413;
  override readonly errorCode = 'tooLarge';
}

/** The route does not support the media type of the body. */
export class UnsupportedBody extends RelayError {
  override readonly name = 'UnsupportedBody';
  readonly status = 415;
  override readonly errorCode = 'unreadable';
}

/**
 * The caller exceeded its rate limit. Nothing was done, and a later retry may succeed. `alreadyRecorded`: earlier requests for the
 * same address were accepted.
 */
export class RateLimited extends RelayError {
  override readonly name = 'RateLimited';
  readonly status = 429;
  override readonly errorCode: ErrorCode;
  readonly retryAfterSeconds: number;

  constructor(message: string, retryAfterSeconds: number, errorCode: 'tooMany' | 'alreadyRecorded' = 'tooMany') {
    super(message);
    this.errorCode = errorCode;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** A failure of the relay that is worth a retry: a command could not be enqueued, a secret could not be fetched. */
export class Unavailable extends RelayError {
  override readonly name = 'Unavailable';
  readonly status: 429 | 503;

  /** @param cause the underlying error, for the log */
  constructor(message: string, status: 429 | 503 = 503, cause?: unknown) {
    super(message, { cause });
    this.status = status;
  }
}

/** A setting is missing or invalid. The message names the setting, never its value. */
export class Misconfigured extends RelayError {
  override readonly name = 'Misconfigured';
  readonly status = 503;
}

/** Returns true for an error caused by the request. All others are failures of the relay, and their messages are for the log. */
export function isCallerError(error: unknown): error is RelayError {
  return error instanceof RelayError && !(error instanceof Unavailable || error instanceof Misconfigured);
}
