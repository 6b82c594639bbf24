import { createDeliveryHandler } from './hubspot/delivery-handler.ts';

/** Receives commands that may wait, so that they never delay a person's opt-out: backfills, drift, floods of one source. */
export const handler = createDeliveryHandler('later');
