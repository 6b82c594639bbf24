import { describe, expect, it } from 'vitest';
import { createEventHandler } from '../../functions/aws/event-handler.ts';
import { Unavailable } from '../../functions/core/model/errors.ts';
import type { RelayEvent } from '../../functions/core/model/telemetry.ts';
import { allOf, formsOf, thrownBy } from './listening.ts';
import { EMAIL } from './sample-opt-out.ts';

const event = { source: 'shop', 'detail-type': 'Opt-Out Requested', detail: { email: EMAIL } };
const letter = (messageId: string, body: unknown = event) => ({
  messageId,
  eventSource: 'aws:sqs',
  body: typeof body === 'string' ? body : JSON.stringify(body),
});

/** Creates the handler and records the events it received and reported. */
function serving(fails: (event: unknown) => unknown = () => undefined) {
  const received: unknown[] = [];
  const events: RelayEvent[] = [];
  const run = createEventHandler({
    async receive(given) {
      received.push(given);
      const failure = fails(given);
      if (failure !== undefined) throw failure;
    },
    report: (said) => void events.push(said),
  });
  return { run, received, events };
}

describe('an event', () => {
  it.each([event, { Records: [{ EventSource: 'aws:sns', Sns: {} }] }, { Records: [] }, undefined])(
    'is passed on unchanged: %j',
    async (given) => {
      const { run, received, events } = serving();

      expect(await run(given)).toBeUndefined();
      expect(received).toEqual([given]);
      expect(events).toEqual([]);
    },
  );

  it.each([new TypeError(`cannot take ${EMAIL}`), EMAIL, new Unavailable('could not enqueue: InternalError')])(
    'that fails makes the invocation fail, so that Lambda retries it, and leaks no address: %s',
    async (failure) => {
      const { run, events } = serving(() => failure);

      const error = await thrownBy(() => run(event));

      expect(error).toEqual(new Unavailable('the event could not be processed'));
      expect(events.map((said) => said.event)).toEqual(['request.failed']);
      for (const form of formsOf(EMAIL)) expect(allOf([error, events])).not.toContain(form);
    },
  );
});

describe('dead letters', () => {
  it('are passed on one by one and deleted from the queue if they succeed', async () => {
    const { run, received } = serving();
    const other = { ...event, id: 'b2' };

    expect(await run({ Records: [letter('m1'), letter('m2', other)] })).toEqual({ batchItemFailures: [] });
    expect(received).toEqual([event, other]);
  });

  it('that fail again stay on the queue without affecting the others', async () => {
    const bad = { ...event, id: 'bad' };
    const { run, received, events } = serving((given) =>
      (given as typeof bad).id === 'bad' ? new Error('x') : undefined,
    );

    const answer = await run({ Records: [letter('m1'), letter('m2', bad), letter('m3')] });

    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'm2' }] });
    expect(received).toHaveLength(3);
    expect(events.map((said) => said.event)).toEqual(['request.failed']);
  });

  it('that are not JSON are passed on as undefined', async () => {
    const { run, received } = serving();

    expect(await run({ Records: [letter('m1', `{"email": "${EMAIL}`)] })).toEqual({ batchItemFailures: [] });
    expect(received).toEqual([undefined]);
  });
});
