import { rowOf } from '../core/payload/fields.ts';
import { readSesMessage } from '../core/readers/ses.ts';
import type { Publisher, Topic } from '../core/verify/sns.ts';
import { snsHandshake, snsMessage, snsSignature } from '../core/verify/sns.ts';
import type { Source } from '../core/verify/source.ts';

/**
 * Amazon SES, through an SNS topic that posts over HTTPS: feedback notifications and event publishing. The secrets are the
 * ARNs of the allowed topics.
 * Events: https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html
 * Signature: https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
 */
export const ses: Source = {
  name: 'ses',
  scheme: 'signature',

  verify: snsSignature(certificatesOf),
  handshake: snsHandshake,
  read(request) {
    const message = snsMessage(request);
    return message === undefined ? { signals: [], unreadable: [] } : readSesMessage(message, request);
  },
};

/** The domain of the endpoints, by partition. */
const DOMAINS: Readonly<Record<string, string>> = {
  aws: 'amazonaws.com',
  'aws-us-gov': 'amazonaws.com',
  'aws-cn': 'amazonaws.com.cn',
};

const FILE = /^SimpleNotificationService-[A-Za-z0-9]+\.pem$/;

/** SNS signs with a certificate of the topic's region. */
function certificatesOf({ partition, region }: Topic): Publisher | undefined {
  const domain = rowOf(DOMAINS, partition);
  return domain === undefined ? undefined : { folder: `https://sns.${region}.${domain}/`, file: FILE };
}
