import type { State } from '../../functions/core/model/state.ts';
import type { Language } from '../../functions/pages/wording.ts';
import { AT, plus } from '../core/examples.ts';
import type { VisitResult } from './visitor.ts';
import { EMAIL, fullCounter, sealing, site } from './visitor.ts';

const common = {
  name: 'The Example Shop of Llanfairpwllgwyngyll',
  privacyUrl: 'https://www.example.com/privacy',
  legalUrl: 'https://www.example.com/legal',
  contactUrl: 'mailto:privacy@example.com',
  resubscribeUrl: 'https://www.example.com/newsletter',
};
const pets = { ...common, name: 'Example Pets', logoUrl: 'https://cdn.example.com/logo.svg', color: '#7a3e00' };
const themes = { common, brands: { pets } };

type Pages = Readonly<Record<string, VisitResult>>;

const cache = new Map<Language, Promise<Pages>>();

/** Returns every page in a language, by name. */
export function pagesIn(language: Language): Promise<Pages> {
  const pages = cache.get(language) ?? visitAll(language);
  cache.set(language, pages);
  return pages;
}

async function visitAll(language: Language): Promise<Pages> {
  const { visit, ledger } = site({ themes });
  const failing = site({ themes, enqueue: () => Promise.reject(new Error('no queue')) });
  const rateLimited = site({ themes, counters: fullCounter('client', 23 * 60) });
  const alreadyRecorded = site({ themes, counters: fullCounter('address', 23 * 60) });
  const link = `/u/${await sealing().sealLink({ email: EMAIL, brand: 'pets' })}?lang=${language}`;
  const form = `/unsubscribe?lang=${language}`;
  const sent = (email: string, more = '') => ({
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: `email=${encodeURIComponent(email)}${more}`,
  });
  const receiptOf = async (state: State, at = plus(120)) => {
    const [receivedAt, closedAt] = [AT.toISOString(), plus(90).toISOString()];
    ledger.set(state, { id: state, state, receivedAt, claimedAt: receivedAt, closedAt, attempts: 1 });
    return visit('GET', `/receipts/${await sealing().sealStatusToken({ id: state, receivedAt })}?lang=${language}`, {
      at,
    });
  };
  return {
    form: await visit('GET', form),
    'form of a brand': await visit('GET', `${form}&brand=pets`),
    'bad address': await visit('POST', form, sent('typed.wrong@example')),
    honeypot: await visit('POST', form, sent(EMAIL, '&website=x')),
    'unknown brand': await visit('POST', form, sent(EMAIL, '&brand=x')),
    'too large': await visit('POST', form, sent('x'.repeat(20_000))),
    'rate limited': await rateLimited.visit('POST', form, sent(EMAIL)),
    'already recorded': await alreadyRecorded.visit('POST', form, sent(EMAIL)),
    'failing form': await failing.visit('POST', form, sent(EMAIL)),
    confirm: await visit('GET', link),
    recorded: await visit('POST', link, { body: 'confirm=1' }),
    'failing button': await failing.visit('POST', link),
    'bad link': await visit('GET', `/u/x?lang=${language}`),
    received: await receiptOf('open'),
    confirmed: await receiptOf('confirmed'),
    held: await receiptOf('held'),
    delayed: await receiptOf('open', plus(3_602)),
    rejected: await receiptOf('rejected'),
    superseded: await receiptOf('superseded'),
  };
}
