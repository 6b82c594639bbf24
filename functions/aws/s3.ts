import type { S3Client } from '@aws-sdk/client-s3';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { Unavailable } from '../core/model/errors.ts';

/** Stored mail in S3. */
export interface ObjectStore {
  /** Returns up to the first `maxBytes` of an object. Throws Unavailable if it cannot be read. */
  read(bucket: string, key: string, maxBytes: number): Promise<Uint8Array>;
}

export function createObjectStore(client: S3Client): ObjectStore {
  return {
    async read(Bucket, Key, maxBytes) {
      try {
        const get = new GetObjectCommand({ Bucket, Key, Range: `bytes=0-${maxBytes - 1}` });
        const { Body } = await client.send(get);
        return (await Body?.transformToByteArray()) ?? new Uint8Array();
      } catch (error) {
        const name = error instanceof Error ? error.name : 'unknown';
        // An empty object has no valid range.
        if (name === 'InvalidRange') return new Uint8Array();
        throw new Unavailable(`could not read the mail from S3: ${name}`);
      }
    },
  };
}
