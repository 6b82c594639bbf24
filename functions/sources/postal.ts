import type { Kind, Signal } from '../core/model/signal.ts';
import { closestRow } from '../core/payload/closest-row.ts';
import type { Payload } from '../core/payload/fields.ts';
import { isObject, jsonOf, objectOf, optionalText, partOf, textField } from '../core/payload/fields.ts';
import type { RawRequest } from '../core/payload/http.ts';
import { hardBounceKind } from '../core/readers/sender-bounce.ts';
import { readEvent } from '../core/readers/sender-event.ts';
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
    return { signals: signalsOf(objectOf(jsonOf(request.body), 'the body'), request), unreadable: [] };
  },
};

const KINDS: Readonly<Record<string, Kind>> = {
  // Any mail that came back to the return path. Postal neither reads it nor sends its text, so it may be a delay or a full mailbox:
  // https://github.com/postalserver/postal/blob/main/app/lib/message_dequeuer/incoming_message_processor.rb
  messagebounced: 'soft_bounce',
  messagedeliveryfailed: 'soft_bounce', // or hard, see kindOf
  messagedelayed: 'soft_bounce',
};

function signalsOf(event: Payload, request: RawRequest): readonly Signal[] {
  const payload = partOf(event, 'payload');
  const message = [payload.original_message, payload.message].find(isObject) ?? {}; // none in DomainDNSError
  const isIncoming = optionalText(message, 'direction')?.toLowerCase() === 'incoming';
  const word = textField(event, 'event');
  const reported = {
    kind: isIncoming ? undefined : kindOf(payload, word), // `to` is the mail server's own address
    address: message.to,
    times: [event.timestamp],
    id: optionalText(event, 'uuid'),
    key: [optionalText(message, 'token'), word],
  };
  return readEvent(reported, request);
}

/** A hard failure is any permanent reply, and mail that Postal gives up. `output` is the reply of the receiving server. */
function kindOf(payload: Payload, word: string): Kind | undefined {
  const isHard =
    optionalText(payload, 'status')?.toLowerCase() === 'hardfail' && optionalText(payload, 'output') !== undefined;
  return isHard ? hardBounceKind({ reply: [payload.output] }) : closestRow(KINDS, [word]);
}
