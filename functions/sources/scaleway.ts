import type { Kind, Signal } from '../core/model/signal.ts';
import { closestRow } from '../core/payload/closest-row.ts';
import type { Payload } from '../core/payload/fields.ts';
import { jsonOf, optionalText, textField } from '../core/payload/fields.ts';
import type { RawRequest } from '../core/payload/http.ts';
import { hardBounceKind } from '../core/readers/sender-bounce.ts';
import { readEvent } from '../core/readers/sender-event.ts';
import type { Publisher, Topic } from '../core/verify/sns.ts';
import { snsHandshake, snsMessage, snsSignature } from '../core/verify/sns.ts';
import type { Source } from '../core/verify/source.ts';
import { readEach } from '../core/verify/source.ts';

/**
 * Scaleway's Transactional Email, through a topic of Scaleway Topics and Events, which posts messages in the format of SNS.
 * The secrets are the ARNs of the allowed topics.
 * Events: https://www.scaleway.com/en/docs/transactional-email/reference-content/webhook-events-payloads/
 * Signature: https://www.scaleway.com/en/docs/topics-and-events/reference-content/verifying-webhooks/
 */
export const scaleway: Source = {
  name: 'scaleway',
  scheme: 'signature',

  verify: snsSignature(certificatesOf),
  handshake: snsHandshake,
  read(request) {
    const message = snsMessage(request);
    const events = message === undefined ? [] : [jsonOf(Buffer.from(message))];
    return readEach(events, (event) => signalsOf(event, request));
  },
};

const KINDS: Readonly<Record<string, Kind>> = {
  email_spam: 'soft_bounce', // "by an automated filter or by the recipient": Scaleway does not distinguish
  email_mailbox_not_found: 'hard_bounce', // but see kindOf
  email_dropped: 'soft_bounce', // rejected permanently, but the mailbox exists
  email_deferred: 'soft_bounce',
  email_blocklisted: 'suppressed',
  blocklist_created: 'suppressed',
};

/** One bucket holds the certificates and authorities of all regions. The file name of a certificate is not documented. */
const BUCKET = 'https://messaging.s3.fr-par.scw.cloud';
const FILE = /^[\w-]+\.(?:pem|crt)$/;

function certificatesOf({ partition, region }: Topic): Publisher | undefined {
  if (partition !== 'scw') return undefined;
  const folder = `${BUCKET}/${region}/sns/`;
  return { folder, file: FILE, authorities: new URL('sns-trust-chain.pem', folder) };
}

function signalsOf(event: Payload, request: RawRequest): readonly Signal[] {
  const type = textField(event, 'type');
  const reported = {
    kind: kindOf(event, closestRow(KINDS, [type])),
    address: event.email_to,
    times: [event.created_at],
    id: optionalText(event, 'id'),
    key: [optionalText(event, 'email_id'), type],
  };
  return readEvent(reported, request);
}

function kindOf(event: Payload, kind: Kind | undefined): Kind | undefined {
  if (kind !== 'hard_bounce') return kind;
  return hardBounceKind({ reply: [event.email_response_code, event.email_response_message], isClassified: true });
}
