import type { FieldMap } from '../core/readers/field-map.ts';
import type { HubSpotAccount } from '../core/verify/hubspot-signature.ts';
import type { Source } from '../core/verify/source.ts';
import { activecampaign } from './activecampaign.ts';
import { azureCommunication } from './azure-communication.ts';
import { braze } from './braze.ts';
import { brevo } from './brevo.ts';
import { customerio } from './customerio.ts';
import { elasticemail } from './elasticemail.ts';
import { generic } from './generic.ts';
import { hubspot } from './hubspot.ts';
import { intercom } from './intercom.ts';
import { jotform } from './jotform.ts';
import { klaviyo } from './klaviyo.ts';
import { mailchimp } from './mailchimp.ts';
import { mailersend } from './mailersend.ts';
import { mailgun } from './mailgun.ts';
import { mailjet } from './mailjet.ts';
import { mailtrap } from './mailtrap.ts';
import { mandrill } from './mandrill.ts';
import { pipedrive } from './pipedrive.ts';
import { postal } from './postal.ts';
import { postmark } from './postmark.ts';
import { resend } from './resend.ts';
import { salesforce } from './salesforce.ts';
import { scaleway } from './scaleway.ts';
import { segment } from './segment.ts';
import { sendgrid } from './sendgrid.ts';
import { ses } from './ses.ts';
import { sparkpost } from './sparkpost.ts';
import { standardWebhooks } from './standard-webhooks.ts';
import { svix } from './svix.ts';
import { tally } from './tally.ts';
import { typeform } from './typeform.ts';
import { unbounce } from './unbounce.ts';
import { unisenderGo } from './unisender-go.ts';
import { webflow } from './webflow.ts';

/** The sources whose fields the customer names. `relay.config.ts` holds their field maps. */
export const mapped: Readonly<Record<string, (fields: FieldMap) => Source>> = {
  generic,
  jotform,
  'standard-webhooks': standardWebhooks,
  svix,
  tally,
  typeform,
  unbounce,
  webflow,
};

/** The sources that take the options of a HubSpot account in `relay.config.ts`. */
export const ofPortal: Readonly<Record<string, (account: HubSpotAccount) => Source>> = {
  hubspot,
};

/** All sources. `relay.config.ts` can switch each of them off. */
export const sources: readonly Source[] = [
  activecampaign,
  azureCommunication,
  braze,
  brevo,
  customerio,
  elasticemail,
  generic(),
  hubspot(),
  intercom,
  jotform(),
  klaviyo,
  mailchimp,
  mailersend,
  mailgun,
  mailjet,
  mailtrap,
  mandrill,
  pipedrive,
  postal,
  postmark,
  resend,
  salesforce,
  scaleway,
  segment,
  sendgrid,
  ses,
  sparkpost,
  standardWebhooks(),
  svix(),
  tally(),
  typeform(),
  unbounce(),
  unisenderGo,
  webflow(),
];
