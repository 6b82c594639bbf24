/** What a page tells a person apart; each is a message of its own in pages/wording.ts. */
export type ErrorCode =
  | 'badLink'
  | 'badAddress'
  | 'trapFilled'
  | 'unknownBrand'
  | 'tooLarge'
  | 'unreadable'
  | 'tooMany'
  | 'failure';

/**
 * What we throw on purpose. The class decides the HTTP status; the message says which rule and where, and never
 * holds a value of the request: it may be shown to anyone and written to any log.
 */
export abstract class RelayError extends Error {
  abstract readonly status: number;
  /** Which words a person is given: `message` is for programs and logs, in English. */
  readonly errorCode: ErrorCode = 'failure';
}

/** The caller did not prove who it is. Always 401: several senders stop for good on 403, 404, 406 or 410. */
export class Unauthenticated extends RelayError {
  override readonly name = 'Unauthenticated';
  readonly status = 401;
}

/** What was sent is not what is documented; sending it again will not help. */
export class Unreadable extends RelayError {
  override readonly name: string = 'Unreadable';
  readonly status = 400;
  override readonly errorCode: ErrorCode;

  constructor(message: string, errorCode: ErrorCode = 'unreadable') {
    super(message);
    this.errorCode = errorCode;
  }
}

/** A sealed link or receipt that does not open: changed, cut short, expired, or sealed with a key we do not have. */
export class InvalidToken extends Unreadable {
  override readonly name = 'InvalidToken';
  override readonly errorCode = 'badLink';
}

/** No such source, and it never was there: worth no retry. */
export class NotFound extends RelayError {
  override readonly name = 'NotFound';
  readonly status = 404;
  override readonly errorCode = 'badLink';
}

/** The body is larger than this route takes. */
export class TooLarge extends RelayError {
  override readonly name = 'TooLarge';
  readonly status = 413;
  override readonly errorCode = 'tooLarge';
}

/** The body is of a kind this route does not read. */
export class UnsupportedBody extends RelayError {
  override readonly name = 'UnsupportedBody';
  readonly status = 415;
  override readonly errorCode = 'unreadable';
}

/** More than is taken from one sender; nothing was done, and after a while it is worth another try. */
export class RateLimited extends RelayError {
  override readonly name = 'RateLimited';
  readonly status = 429;
  override readonly errorCode = 'tooMany';
  readonly retryAfterSeconds: number;

  constructor(message: string, retryAfterSeconds: number) {
    super(message);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** Our own failure, worth another try: the queue did not take the command, a secret could not be read. */
export class Unavailable extends RelayError {
  override readonly name = 'Unavailable';
  readonly status: 429 | 503;

  /** `cause`: what failed, for the log. */
  constructor(message: string, status: 429 | 503 = 503, cause?: unknown) {
    super(message, { cause });
    this.status = status;
  }
}

/** Something in the configuration is missing or wrong. Names the setting, never its value. */
export class Misconfigured extends RelayError {
  override readonly name = 'Misconfigured';
  readonly status = 503;
}

/** Whether an error says something of the request; every other one is a failure of ours, and its words are for the log. */
export function isCallerError(error: unknown): error is RelayError {
  return error instanceof RelayError && !(error instanceof Unavailable || error instanceof Misconfigured);
}
