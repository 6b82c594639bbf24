import type { ContactId } from '../model/contact-id.ts';
import { RelayError, Unreadable } from '../model/errors.ts';
import type { Signal } from '../model/signal.ts';
import type { Payload } from '../payload/fields.ts';
import { objectOf } from '../payload/fields.ts';
import type { HttpResponse, RawRequest } from '../payload/http.ts';
import type { VerifiedRequest } from './verify.ts';

/** One place signals come from. A whole source is one file exporting one of these. */
export interface Source {
  /** The URL segment and the file name. Never renamed once live. */
  readonly name: string;
  /** What stands behind `verify`: a signature over the body, a secret in the request, AWS IAM, or a sealed link. */
  readonly scheme: 'signature' | 'shared-secret' | 'iam' | 'sealed-link';
  /**
   * Throws Refused. `secrets`: the current one, then the previous while it is rotated; none proves nothing. For SNS they
   * are the allowed topic ARNs.
   */
  readonly verify: (
    request: RawRequest,
    secrets: readonly string[],
    world: Certificates,
  ) => VerifiedRequest | Promise<VerifiedRequest>;
  /** One bad event never costs its neighbours. Throws Unreadable when the payload as a whole is not the documented one. */
  readonly read: (request: VerifiedRequest) => Reading;
  /** What this sender must be answered when we fail. Default 503. */
  readonly onFailure?: 429 | 503;
  /** What a sender's handshake is answered with, once it is proven; undefined for everything that is to be read. */
  readonly handshake?: (request: RawRequest, secrets: readonly string[]) => Handshake | undefined;
  /** What this sender takes for success. Default 200 without a body. */
  readonly onSuccess?: HttpResponse;
  /** Larger bodies are answered 413. Default 1 MiB. */
  readonly maxBytes?: number;
}

/** What a verifier may ask of the outside. */
export interface Certificates {
  /** A sender's published certificate, PEM; cached. The caller has checked the URL's host. Throws Unavailable. */
  get(url: URL): Promise<string>;
}

/** The answer to a handshake. */
export interface Handshake {
  readonly answer: HttpResponse;
  /** An SNS subscription that the sender must see confirmed before the answer. */
  readonly confirm?: { readonly topicArn: string; readonly token: string };
}

/** What one request said. The reasons hold no values. */
export interface Reading {
  readonly signals: readonly Signal[];
  /** Contacts whom the ledger is to forget. Left out: nobody. */
  readonly erase?: readonly ContactId[];
  readonly unreadable: readonly string[];
}

/** More than fit into any sender's batch: an event is an address, a word and a time at least. */
const MOST_EVENTS = 20_000;

/**
 * Reads a batch event by event: what one event lacks becomes a reason, and its neighbours are read all the same. Throws
 * Unreadable when there are more events than any sender puts into one request.
 */
export function readEach(events: readonly unknown[], read: (event: Payload) => readonly Signal[]): Reading {
  if (events.length > MOST_EVENTS) throw new Unreadable(`it holds more than ${MOST_EVENTS} events`);
  const signals: Signal[] = [];
  const unreadable: string[] = [];
  for (const [index, event] of events.entries()) {
    try {
      signals.push(...read(objectOf(event, 'it')));
    } catch (error) {
      if (!(error instanceof RelayError)) throw error;
      unreadable.push(`event ${index + 1}: ${error.message}`);
    }
  }
  return { signals, unreadable };
}
