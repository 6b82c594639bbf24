/**
 * What we throw on purpose. The class decides the HTTP status; the message says which rule and where, and never
 * holds a value of the request: it may be shown to anyone and written to any log.
 */
export abstract class RelayError extends Error {
  abstract readonly status: number;
}

/** The caller did not prove who it is. Always 401: several senders stop for good on 403, 404, 406 or 410. */
export class Refused extends RelayError {
  override readonly name = 'Refused';
  readonly status = 401;
}

/** What was sent is not what is documented; sending it again will not help. */
export class Unreadable extends RelayError {
  override readonly name: string = 'Unreadable';
  readonly status = 400;
}

/** A sealed link or receipt that does not open: changed, cut short, expired, or sealed with a key we do not have. */
export class InvalidToken extends Unreadable {
  override readonly name = 'InvalidToken';
}

/** No such source, and it never was there: worth no retry. */
export class NotFound extends RelayError {
  override readonly name = 'NotFound';
  readonly status = 404;
}

/** The body is larger than this route takes. */
export class TooLarge extends RelayError {
  override readonly name = 'TooLarge';
  readonly status = 413;
}

/** The body is of a kind this route does not read. */
export class UnsupportedBody extends RelayError {
  override readonly name = 'UnsupportedBody';
  readonly status = 415;
}

/** Our own failure, worth another try: the queue did not take the command, a secret could not be read. */
export class Unavailable extends RelayError {
  override readonly name = 'Unavailable';
  readonly status: 429 | 503;

  constructor(message: string, status: 429 | 503 = 503) {
    super(message);
    this.status = status;
  }
}

/** Something in the configuration is missing or wrong. Names the setting, never its value. */
export class Misconfigured extends RelayError {
  override readonly name = 'Misconfigured';
  readonly status = 503;
}

/** Whether an error says something of the request; every other one is a failure of ours, and its words are for the log. */
export function isCallers(error: unknown): error is RelayError {
  return error instanceof RelayError && !(error instanceof Unavailable || error instanceof Misconfigured);
}
