import { parseEmailAddress } from '../core/model/email-address.ts';
import type { Kind, Signal } from '../core/model/signal.ts';
import type { Payload } from '../core/payload/fields.ts';
import { isoTime, jsonOf, optionalText, rowOf, textField } from '../core/payload/fields.ts';
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
  read: (request) => readEach([jsonOf(Buffer.from(snsMessage(request)))], signalsOf),
};

const KINDS: Readonly<Record<string, Kind>> = {
  email_spam: 'complaint', // by the recipient or by a filter: Scaleway does not distinguish
  email_mailbox_not_found: 'hard_bounce',
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

function signalsOf(event: Payload): readonly Signal[] {
  const kind = rowOf(KINDS, textField(event, 'type')) ?? 'ignored';
  if (kind === 'ignored' && optionalText(event, 'email_to') === undefined) return [];
  return [
    {
      kind,
      scope: 'all',
      email: parseEmailAddress(event.email_to),
      eventKey: textField(event, 'id'),
      occurredAt: isoTime(event.created_at, 'created_at'),
      confidence: 'exact',
    },
  ];
}
