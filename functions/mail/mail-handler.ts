import type { ObjectStore } from '../aws/s3.ts';
import { reportRejected } from '../core/intake/ingest.ts';
import type { MailArrival } from '../core/intake/mailbox.ts';
import { SOURCE } from '../core/intake/mailbox.ts';
import { isCallerError } from '../core/model/errors.ts';
import type { Report } from '../core/model/telemetry.ts';
import { arrayOf, objectOf, partOf, textField } from '../core/payload/fields.ts';
import type { Mail } from '../core/payload/mail.ts';
import { timeIn } from '../core/readers/sender-event.ts';
import { parseMail } from './mime.ts';

export interface MailHandlerPorts {
  readonly objects: ObjectStore;
  readonly receive: (mail: Mail, arrival: MailArrival) => Promise<void>;
  readonly report: Report;
  readonly clock: () => Date;
}

/** A report, and the header of the message that it returns, are within this size. The rest is not read. */
const MAX_BYTES = 262_144;

/**
 * Handles the S3 event for stored messages. An unreadable event is reported and not retried; the handler throws only for
 * failures of the relay, which are worth a retry.
 */
export function createMailHandler(ports: MailHandlerPorts): (event: unknown) => Promise<void> {
  return async (event) => {
    try {
      for (const message of storedMessages(event, ports)) await handle(message, ports);
    } catch (error) {
      if (!isCallerError(error)) throw error;
      reportRejected(SOURCE, error, ports.report);
    }
  };
}

interface StoredMessage extends MailArrival {
  readonly bucket: string;
}

async function handle({ bucket, ...arrival }: StoredMessage, { objects, receive }: MailHandlerPorts) {
  await receive(parseMail(await objects.read(bucket, arrival.objectKey, MAX_BYTES)), arrival);
}

/**
 * S3 URL-encodes object keys in events.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 */
function storedMessages(event: unknown, { clock }: MailHandlerPorts): readonly StoredMessage[] {
  return arrayOf(objectOf(event, 'the event').Records, 'Records').map((each) => {
    const record = objectOf(each, 'the record');
    const s3 = partOf(record, 's3');
    const key = textField(partOf(s3, 'object'), 'key');
    return {
      bucket: textField(partOf(s3, 'bucket'), 'name'),
      objectKey: new URLSearchParams(`key=${key}`).get('key') ?? '',
      receivedAt: timeIn(record.eventTime) ?? clock(),
    };
  });
}
