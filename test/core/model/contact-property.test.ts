import { expect, it } from 'vitest';
import { kindOfProperty, listOfProperty } from '../../../functions/core/model/contact-property.ts';

it.each([
  ['hs_email_optout', 'true', 'opt_out'],
  ['hs_email_optout', 'TRUE', 'opt_out'],
  ['hs_email_optout', 'false', 'resubscribe'],
  ['hs_email_optout', '', 'resubscribe'],
  ['hs_email_optout', 'yes', 'ignored'],
  ['hs_email_optout_42', 'true', 'opt_out'],
  ['hs_email_optout_reason', 'true', 'ignored'],
  ['hs_email_bad_address', 'true', 'hard_bounce'],
  ['hs_email_hard_bounce_reason_enum', 'UNKNOWN_USER', 'hard_bounce'],
  ['hs_email_hard_bounce_reason_enum', 'MAILBOX_FULL', 'soft_bounce'],
  ['hs_email_hard_bounce_reason_enum', '', 'resubscribe'],
  ['hs_email_bounce', '3', 'ignored'],
  ['constructor', 'name', 'ignored'],
  ['hs_email_optout', 'constructor', 'ignored'],
])('reads %s = %j as %s', (property, value, kind) => {
  expect(kindOfProperty(property, value)).toBe(kind);
});

it.each([
  ['hs_email_optout_42', '42'],
  ['hs_email_optout', undefined],
  ['hs_email_optout_survey_reason', undefined],
])('finds in %s the list %s', (property, list) => {
  expect(listOfProperty(property)).toBe(list);
});
