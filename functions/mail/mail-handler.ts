import type { ObjectStore } from '../aws/s3.ts';
import { reportRejected } from '../core/intake/ingest.ts';
import type { MailArrival } from '../core/intake/mailbox.ts';
import { SOURCE } from '../core/intake/mailbox.ts';
import { isCallerError, Unreadable } from '../core/model/errors.ts';
import type { Report } from '../core/model/telemetry.ts';
import { arrayOf, isoTime, objectOf, partOf, textField } from '../core/payload/fields.ts';
import type { Mail } from '../core/payload/mail.ts';
import { parseMail } from './mime.ts';

export interface MailHandlerPorts {
  readonly objects: ObjectStore;
  readonly receive: (mail: Mail, arrival: MailArrival) => Promise<void>;
  readonly report: Report;
}

/** A report says what it has to say, and the mail it is about begins, well before that; what comes after is never read. */
const MAX_BYTES = 262_144;

/**
 * Takes the S3 event that says which mails were stored. An event that is none is reported and not tried again; throws only our
 * own failures, which are worth another try.
 */
export function createMailHandler(through: MailHandlerPorts): (event: unknown) => Promise<void> {
  return async (event) => {
    try {
      for (const stored of storedIn(event)) await take(stored, through);
    } catch (error) {
      if (!isCallerError(error)) throw error;
      reportRejected(SOURCE, error, through.report);
    }
  };
}

interface Stored extends MailArrival {
  readonly bucket: string;
}

async function take({ bucket, ...arrival }: Stored, { objects, receive, report }: MailHandlerPorts): Promise<void> {
  const mail = await read(await objects.read(bucket, arrival.objectKey, MAX_BYTES));
  if (mail) await receive(mail, arrival);
  else report({ event: 'signals.ignored', source: SOURCE, count: 1 });
}

/** Anybody can send a mail that cannot be read: it is no fault that somebody should be called for. */
async function read(bytes: Uint8Array): Promise<Mail | undefined> {
  try {
    return await parseMail(bytes);
  } catch (error) {
    if (error instanceof Unreadable) return undefined;
    throw error;
  }
}

/** Keys stand there as in a form. https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html */
function storedIn(event: unknown): readonly Stored[] {
  return arrayOf(objectOf(event, 'the event').Records, 'Records').map((each) => {
    const record = objectOf(each, 'the record');
    const s3 = partOf(record, 's3');
    const key = textField(partOf(s3, 'object'), 'key');
    return {
      bucket: textField(partOf(s3, 'bucket'), 'name'),
      objectKey: new URLSearchParams(`key=${key}`).get('key') ?? '',
      receivedAt: isoTime(record.eventTime, 'eventTime'),
    };
  });
}
