import { defineConfig } from './functions/config/relay-config.ts';

/** The rules of this deployment. Every key is optional; these are the defaults. See `defineConfig` for each key. */
export const relayConfig = defineConfig({
  sources: {
    sendgrid: { lists: 'all' },
    'standard-webhooks': { lists: 'all' },
  },
  policy: {
    opt_out: 'unsubscribe-all',
    complaint: 'unsubscribe-all',
    hard_bounce: 'unsubscribe-all',
    soft_bounce: 'nothing',
    suppressed: 'nothing',
  },
  brands: {},
  theme: {},
  origins: [],
  limits: { perAddressAndHour: 5, perClientAndHour: 30 },
  surgeLimit: { perSourceAndHour: 1_000 },
  staleAfterSeconds: 3_600,
  deadline: { warnAfterHours: 24, pageAfterHours: 36 },
  drift: { shareOfDailyLimit: 0.1, dailyLimit: 250_000 },
  results: { withAddress: false },
  legalBasis: 'LEGITIMATE_INTEREST_OTHER',
  legalBasisExplanation: 'The recipient opted out of this subscription.',
  contacts: { allAddresses: false },
});
