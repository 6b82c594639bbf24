import { parseEmailAddress } from '../core/model/email-address.ts';
import type { Kind, Signal } from '../core/model/signal.ts';
import type { Payload } from '../core/payload/fields.ts';
import { jsonOf, objectOf, optionalText, partOf, rowOf, textField, unixSeconds } from '../core/payload/fields.ts';
import { publicKeySignature } from '../core/verify/public-key.ts';
import type { Source } from '../core/verify/source.ts';

const SHA256 = 'x-postal-signature-256';
const bySha256 = publicKeySignature({ header: SHA256 });
/** Older servers sign with SHA-1 only. */
const bySha1 = publicKeySignature({ header: 'x-postal-signature', hash: 'sha1' });

/**
 * A self-hosted Postal mail server. The secret is the public half of its signing key, base64 DER: the `p=` of
 * `postal default-dkim-record`. Postal has no event for an unsubscribe.
 * Events and signature: https://docs.postalserver.io/developer/webhooks
 */
export const postal: Source = {
  name: 'postal',
  scheme: 'signature',

  verify: (request, ...secrets) => (request.headers[SHA256] ? bySha256 : bySha1)(request, ...secrets),

  read(request) {
    return { signals: signalsOf(objectOf(jsonOf(request.body), 'the body')), unreadable: [] };
  },
};

const KINDS: Readonly<Record<string, Kind>> = {
  MessageBounced: 'hard_bounce',
  MessageDeliveryFailed: 'soft_bounce', // or hard, see kindOf
  MessageDelayed: 'soft_bounce',
};

/** The remote server's response for a wrong address (RFC 3463 §3.2). Postal also fails mail for spam, size or age. */
const NO_SUCH_ADDRESS = /^5\d\d[ -]5\.1\.(?:[01236]|10)\b/;

function signalsOf(event: Payload): readonly Signal[] {
  const known = rowOf(KINDS, textField(event, 'event'));
  const payload = partOf(event, 'payload');
  const message = payload.original_message ?? payload.message;
  if (known === undefined && message === undefined) return []; // DomainDNSError, SendLimitExceeded
  const { direction, to } = objectOf(message, 'the message');
  const isIncoming = direction === 'incoming'; // `to` is the mail server's own address
  return [
    {
      kind: isIncoming ? 'ignored' : kindOf(payload, known),
      scope: 'all',
      email: parseEmailAddress(to),
      eventKey: textField(event, 'uuid'),
      occurredAt: unixSeconds(event.timestamp, 'timestamp'),
      confidence: 'exact',
    },
  ];
}

function kindOf(payload: Payload, known: Kind = 'ignored'): Kind {
  const isGone = payload.status === 'HardFail' && NO_SUCH_ADDRESS.test(optionalText(payload, 'output') ?? '');
  return isGone ? 'hard_bounce' : known;
}
