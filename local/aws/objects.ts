import type { Server } from 'node:http';
import type { S3Event, S3EventRecord } from 'aws-lambda';

/** An object that was stored in a bucket. */
export interface Put {
  readonly bucket: string;
  readonly key: string;
}

/** Calls `onPut` for every stored object: a `PUT /<bucket>/<key>` with response 200. */
export function watchPuts(server: Server, onPut: (put: Put) => void): void {
  server.on('request', ({ method, url = '' }, response) => {
    const [, bucket, key] = /^\/([^/?]+)\/([^?]+)(?:\?x-id=PutObject)?$/.exec(url) ?? [];
    if (method !== 'PUT' || bucket === undefined || key === undefined) return;
    response.on('finish', () => {
      if (response.statusCode === 200) onPut({ bucket, key: decodeURIComponent(key) });
    });
  });
}

/** Returns the event with which S3 invokes a function. @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html */
export function putEvent({ bucket, key }: Put, at: Date): S3Event {
  const record = {
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    awsRegion: 'us-east-1',
    eventTime: at.toISOString(),
    eventName: 'ObjectCreated:Put',
    s3: {
      s3SchemaVersion: '1.0',
      bucket: { name: bucket, arn: `arn:aws:s3:::${bucket}` },
      // Form-encoded, except for slashes.
      object: { key: `${new URLSearchParams({ key })}`.replace('key=', '').replaceAll('%2F', '/') },
    },
  };
  return { Records: [record as S3EventRecord] };
}
