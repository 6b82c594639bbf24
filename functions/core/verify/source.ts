import type { ContactId } from '../model/contact-id.ts';
import { RelayError, Unreadable } from '../model/errors.ts';
import type { Signal } from '../model/signal.ts';
import type { Payload } from '../payload/fields.ts';
import { objectOf } from '../payload/fields.ts';
import type { HttpResponse, RawRequest } from '../payload/http.ts';
import type { VerifiedRequest } from './verify.ts';

/**
 * A sender of webhooks: how to verify its requests and how to read them. One file in `functions/sources` exports one source,
 * and `functions/sources/index.ts` lists it.
 *
 * @see docs/adding-a-source.md
 *
 * @example
 * ```ts
 * // functions/sources/acme.ts
 * import { arrayOf, jsonOf, optionalText } from '../core/payload/fields.ts';
 * import { readEvent } from '../core/readers/sender-event.ts';
 * import { hmac } from '../core/verify/hmac.ts';
 * import type { Source } from '../core/verify/source.ts';
 * import { readEach } from '../core/verify/source.ts';
 *
 * export const acme: Source = {
 *   name: 'acme',
 *   scheme: 'signature',
 *   verify: hmac({ header: 'x-acme-signature', encoding: 'hex' }),
 *   read: (request) =>
 *     readEach(arrayOf(jsonOf(request.body), 'the body'), (event) =>
 *       readEvent(
 *         {
 *           kind: event.type === 'unsubscribe' ? 'opt_out' : 'ignored',
 *           address: event.recipient,
 *           times: [event.at],
 *           id: optionalText(event, 'id'),
 *         },
 *         request,
 *       ),
 *     ),
 * };
 * ```
 */
export interface Source {
  /** The file name, the key in the `sources` secret, and the last segment of the webhook's URL. Never changes once live. */
  readonly name: string;
  /** What `verify` checks: a signature over the body, or a secret in the request. Selects the tests of `describeSource`. */
  readonly scheme: 'signature' | 'shared-secret';
  /**
   * Verifies the sender.
   *
   * @param secrets the current secret, then the previous one during rotation. With none, every request is rejected. For SNS,
   * these are the ARNs of the allowed topics.
   * @throws {Unauthenticated} if no secret verifies the request.
   */
  readonly verify: (
    request: RawRequest,
    secrets: readonly string[],
    certificates: Certificates,
  ) => VerifiedRequest | Promise<VerifiedRequest>;
  /**
   * Reads the signals of a verified request. An unreadable event in a batch does not affect the others: see `readEach`.
   *
   * @throws {Unreadable} if the payload as a whole is not as documented.
   */
  readonly read: (request: VerifiedRequest) => Reading;
  /**
   * `GET`: the sender calls by GET, with the event in the query. A verified GET is then read like a POST, and an unverified one
   * is rejected with 401. Without it, a GET changes nothing. The secret must be in the URL.
   */
  readonly method?: 'GET';
  /** The status that makes this sender retry after a failure of the relay. @default 503 */
  readonly onFailure?: 429 | 503;
  /**
   * Responds to the sender's handshake, after verification. Returns undefined for any other request. `read` reads the request
   * in either case, since a handshake may arrive in one batch with events.
   */
  readonly handshake?: (request: RawRequest, secrets: readonly string[]) => Handshake | undefined;
  /**
   * Responds to an OPTIONS request of a verified sender that asks for permission before it sends.
   *
   * @default for anyone, status 204 with the allowed methods
   */
  readonly onOptions?: (request: VerifiedRequest) => HttpResponse;
  /** The response that this sender expects on success. @default status 200 with an empty body */
  readonly onSuccess?: HttpResponse;
  /** Larger bodies are rejected with 413. In bytes. @default 1048576 */
  readonly maxBytes?: number;
}

/** Fetches the certificates with which senders sign. */
export interface Certificates {
  /**
   * Returns the certificate at a URL, PEM, possibly from a cache. The caller has checked the URL's host.
   *
   * @throws {Unauthenticated} if there is no certificate at the URL.
   * @throws {Unavailable} if it cannot be fetched.
   */
  get(url: URL): Promise<string>;
}

export interface Handshake {
  readonly response: HttpResponse;
  /** The SNS subscription to confirm before the response is sent. */
  readonly confirm?: { readonly topicArn: string; readonly token: string };
}

/** The result of reading one request. */
export interface Reading {
  readonly signals: readonly Signal[];
  /** The contacts to erase from the ledger. @default none */
  readonly erase?: readonly ContactId[];
  /** A reason for each unreadable event, without values from the request. */
  readonly unreadable: readonly string[];
}

/** More than fit into any sender's batch, since an event has at least an address, a type and a time. Signals likewise. */
const MAX_EVENTS = 20_000;

/**
 * Reads a batch event by event. An event that cannot be read adds a reason to `unreadable`, and the others are still read.
 *
 * @throws {Unreadable} if there are more than 20,000 events.
 *
 * @example
 * ```ts
 * // functions/sources/globex.ts
 * import { textField } from '../core/payload/fields.ts';
 * import { readEach } from '../core/verify/source.ts';
 *
 * const reading = readEach([{ email: 'ada@example.com' }, {}], (event) => {
 *   textField(event, 'email');
 *   return []; // an event that is not about an opt-out has no signals
 * });
 *
 * reading.unreadable; //=> ['event 2: email is missing']
 * ```
 */
export function readEach(events: readonly unknown[], read: (event: Payload) => readonly Signal[]): Reading {
  if (events.length > MAX_EVENTS) throw new Unreadable(`the batch has more than ${MAX_EVENTS} events`);
  const signals: Signal[] = [];
  const unreadable: string[] = [];
  for (const [index, event] of events.entries()) {
    try {
      const more = read(objectOf(event, 'it'));
      if (signals.length + more.length > MAX_EVENTS) throw new Unreadable('it has too many recipients or lists');
      signals.push(...more);
    } catch (error) {
      if (!(error instanceof RelayError)) throw error;
      unreadable.push(`event ${index + 1}: ${error.message}`);
    }
  }
  return { signals, unreadable };
}
