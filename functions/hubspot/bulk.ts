import type { HubSpotResponse } from '../core/delivery/hubspot.ts';
import type { EmailAddress } from '../core/model/email-address.ts';
import type { HubSpotPorts } from './request.ts';
import { openCalls } from './request.ts';

/**
 * Reads the wide rows of many addresses in one call, whose time limit it has for itself. For Marketing Hub Enterprise alone:
 * other tiers answer 403. HubSpot names no largest number of addresses; its other batches take 100.
 * https://developers.hubspot.com/docs/api-reference/communication-preferences-subscriptions-v4/guide
 */
export function createBulkRead(through: HubSpotPorts): (emails: readonly EmailAddress[]) => Promise<HubSpotResponse> {
  const openCall = openCalls(through);
  const path = `/communication-preferences/${through.version}/statuses/batch/unsubscribe-all/read?channel=EMAIL`;
  return (inputs) => openCall()({ method: 'POST', path, body: { inputs } });
}
