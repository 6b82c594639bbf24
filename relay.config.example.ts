import { defineConfig } from './functions/config/relay-config.ts';

// Every key with an example. Run `cp relay.config.example.ts relay.config.own.ts`, and uncomment what you need in the copy, which
// Git ignores. What you leave out has its default. docs/configuration.md describes each key.
export const relayConfig = defineConfig({
  // sources: {
  //   sendgrid: { brand: 'acme', lists: { '12': '4711', '13': '4712' } },
  //   mailgun: false,
  //   generic: {
  //     carries: 'people',
  //     fields: {
  //       email: 'user.mail',
  //       list: 'newsletter',
  //       id: 'event.id',
  //       time: 'event.at',
  //       optOut: { field: 'state', is: ['unsubscribed'], isNot: ['subscribed', 'pending'] },
  //     },
  //   },
  //   hubspot: { portalId: '62515', workflows: true, lists: 'ignore' },
  // },
  // policy: {
  //   opt_out: 'unsubscribe-all',
  //   complaint: 'unsubscribe-all',
  //   hard_bounce: 'nothing',
  //   soft_bounce: 'nothing',
  //   suppressed: 'unsubscribe-all',
  // },
  // brands: {
  //   acme: { businessUnitId: '7', name: 'Acme', color: '#0f766e' },
  //   'acme-pets': { businessUnitId: '8', name: 'Acme Pets', logoUrl: 'https://www.example.com/pets.svg' },
  // },
  // theme: {
  //   name: 'Acme',
  //   logoUrl: 'https://www.example.com/logo.svg',
  //   color: '#1f4e9c',
  //   defaultLanguage: 'de',
  //   privacyUrl: 'https://www.example.com/privacy',
  //   legalUrl: 'https://www.example.com/legal',
  //   resubscribeUrl: 'https://www.example.com/newsletter',
  //   contactUrl: 'https://www.example.com/contact',
  //   texts: { en: { unsubscribe: 'Stop all email' }, de: { unsubscribe: 'Alle E-Mails abbestellen' } },
  // },
  // mailbox: 'unsubscribe@mail.example.com',
  // origins: ['https://www.example.com', 'https://shop.example.com'],
  // limits: { perAddressAndHour: 5, perClientAndHour: false },
  // surgeLimit: { perSourceAndHour: 5_000 },
  // staleAfterSeconds: 0,
  // results: { withAddress: true },
  // deadline: { warnAfterHours: 12, pageAfterHours: 24 },
  // drift: { shareOfDailyLimit: 0.05, dailyLimit: 625_000 },
  // dailyReserve: 0.2,
  // legalBasis: 'CONSENT_WITH_NOTICE',
  // legalBasisExplanation: 'The recipient left this newsletter.',
  // contacts: { allAddresses: true },
});
