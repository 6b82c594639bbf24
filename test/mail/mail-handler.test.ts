import { expect, it } from 'vitest';
import { Unavailable } from '../../functions/core/model/errors.ts';
import type { RelayEvent } from '../../functions/core/model/telemetry.ts';
import { createMailHandler } from '../../functions/mail/mail-handler.ts';
import { putEvent } from '../../local/aws/objects.ts';

const AT = new Date('2026-11-02T10:00:00.000Z');
const stored = (key: string) => putEvent({ bucket: 'mail-bucket', key }, AT);

/** A handler for a bucket in which every object is the same message. */
function memory(raw = 'Subject: hello\r\n\r\n', failure?: Error) {
  const reads: unknown[][] = [];
  const received: { readonly subject: string; readonly objectKey: string; readonly receivedAt: Date }[] = [];
  const events: RelayEvent[] = [];
  const receive = createMailHandler({
    objects: {
      async read(...location) {
        reads.push(location);
        return Buffer.from(raw);
      },
    },
    async receive({ subject }, { objectKey, receivedAt }) {
      if (failure) throw failure;
      received.push({ subject, objectKey, receivedAt });
    },
    report: (event) => void events.push(event),
    clock: () => new Date('2026-11-02T10:00:07.000Z'),
  });
  return { receive, reads, received, events };
}

it('reads the first 256 KiB of every stored message, and passes it on with its key and time', async () => {
  const { receive, reads, received } = memory();

  await receive({ Records: [...stored('mail/1').Records, ...stored('mail/ü b+c&d=%').Records] });

  expect(reads).toEqual([
    ['mail-bucket', 'mail/1', 262_144],
    ['mail-bucket', 'mail/ü b+c&d=%', 262_144],
  ]);
  expect(received).toEqual([
    { subject: 'hello', objectKey: 'mail/1', receivedAt: AT },
    { subject: 'hello', objectKey: 'mail/ü b+c&d=%', receivedAt: AT },
  ]);
});

it.each<[unknown, string]>([
  [undefined, 'the event is not an object'],
  [{ Event: 's3:TestEvent' }, 'Records is not an array'],
  [{ Records: [7] }, 'the record is not an object'],
  [{ Records: [{ eventTime: AT.toISOString() }] }, 'key is missing'],
  [{ Records: [{ eventTime: AT.toISOString(), s3: { object: { key: 'k' } } }] }, 'name is missing'],
])('reports an event that is not from S3, and does not throw: %j', async (event, reason) => {
  const { receive, reads, events } = memory();

  await receive(event);

  expect(reads).toEqual([]);
  expect(events).toEqual([{ event: 'signals.unreadable', source: 'mailbox', reasons: [reason] }]);
});

it.each([undefined, 'today'])(
  'does not lose a message whose time is %j: it was stored on arrival',
  async (eventTime) => {
    const { receive, received } = memory();
    const [record] = stored('mail/1').Records;

    await receive({ Records: [{ ...record, eventTime }] });

    expect(received).toMatchObject([{ objectKey: 'mail/1', receivedAt: new Date('2026-11-02T10:00:07.000Z') }]);
  },
);

it('throws after a failure of the relay', async () => {
  const failure = new Unavailable('could not enqueue');
  const { receive, events } = memory(undefined, failure);

  await expect(receive(stored('mail/1'))).rejects.toBe(failure);
  expect(events).toEqual([]);
});
