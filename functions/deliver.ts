import { createDeliveryHandler } from './hubspot/delivery-handler.ts';

/** Receives commands from the queue and sends them to HubSpot. */
export const handler = createDeliveryHandler('now');
