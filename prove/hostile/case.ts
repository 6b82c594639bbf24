/** A hostile event, and the function that gets it. */
export interface HostileCase {
  readonly name: 'webhook' | 'unsubscribe' | 'mailbox' | 'events' | 'deliver';
  readonly what: string;
  /** Creates the event when its turn comes, since many events take megabytes. */
  readonly event: () => unknown;
  /** Checks the response of the function, or the error that it throws. */
  readonly isExpected: (response: unknown) => boolean;
}

export interface HostileOptions {
  readonly origin: string;
  /** The id of a key that links are sealed with. */
  readonly kid: string;
  /** A valid link token and API key, so that hostile input also gets past authentication. */
  readonly token: string;
  readonly apiKey: string;
  /** The number of randomly damaged bodies for each source, in addition to the predefined ones. */
  readonly runs: number;
}
