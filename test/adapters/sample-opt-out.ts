import { parseEmailAddress } from '../../functions/core/email-address.ts';
import type { OptOut } from '../../functions/core/opt-out.ts';
import { optOutId } from '../../functions/core/opt-out.ts';

export const EMAIL = parseEmailAddress('ann@example.com');
export const RECEIVED_AT = '2026-11-23T09:59:30.000Z';

/** A command; another `eventKey` is another command. */
export function sampleOptOut(eventKey = 'event-1', given: Partial<OptOut> = {}): OptOut {
  return {
    version: 1,
    id: optOutId('sendgrid', { eventKey, email: EMAIL, kind: 'opt_out' }),
    email: EMAIL,
    source: 'sendgrid',
    kind: 'opt_out',
    scope: 'all',
    occurredAt: '2026-11-23T09:59:00.000Z',
    receivedAt: RECEIVED_AT,
    ...given,
  };
}
