import type { Source } from '../core/source.ts';
import { sendgrid } from './sendgrid.ts';
import { standardWebhooks } from './standard-webhooks.ts';

/** Every source there is; `relay.config.ts` switches them off one by one. */
export const sources: readonly Source[] = [sendgrid, standardWebhooks];
