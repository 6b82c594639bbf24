import { randomUUID } from 'node:crypto';
import process from 'node:process';
import type { Sample } from './samples.ts';
import { curlOf, sampleLink } from './samples.ts';

/** Where SES stores mail. */
export const MAIL_FOLDER = { bucket: 'optout-relay-mail', prefix: 'mail/' };

/** Returns the shell command that stores a bounce in the bucket of the running stack. */
export async function bounceCommand(email: string): Promise<string> {
  return `${curlOf(process.env.AWS_ENDPOINT_URL_S3 ?? '', await bounceSample(email, new Date()))} \\\n  -X PUT`;
}

/** Returns Postfix's bounce for an unknown mailbox, as SES stores it in S3. */
export async function bounceSample(email: string, now: Date): Promise<Sample> {
  const link = `https://optout.example.com${await sampleLink(email)}`;
  const lines = [
    'Return-Path: <>',
    'From: MAILER-DAEMON@mx.example.org (Mail Delivery System)',
    'To: bounces@mail.example.com',
    'Subject: Undelivered Mail Returned to Sender',
    `Date: ${now.toUTCString()}`,
    `Message-ID: <${randomUUID()}@mx.example.org>`,
    'Content-Type: multipart/report; report-type=delivery-status; boundary=part',
    '',
    '--part',
    'Content-Type: message/delivery-status',
    '',
    'Reporting-MTA: dns; mx.example.org',
    '',
    `Final-Recipient: rfc822; ${email}`,
    'Action: failed',
    'Status: 5.1.1',
    '',
    '--part',
    'Content-Type: text/rfc822-headers',
    '',
    'Subject: News',
    `List-Unsubscribe: <${link}>`,
    '',
    '--part--',
    '',
  ];
  const path = `/${MAIL_FOLDER.bucket}/${MAIL_FOLDER.prefix}${randomUUID()}`;
  return { path, headers: { 'content-type': 'message/rfc822' }, body: lines.join('\r\n') };
}
