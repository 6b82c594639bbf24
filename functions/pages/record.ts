import type { IngestPorts } from '../core/intake/ingest.ts';
import { ingest } from '../core/intake/ingest.ts';
import { personSignal } from '../core/intake/person.ts';
import { defaultPolicy } from '../core/intake/policy.ts';
import type { Limits } from '../core/intake/rate-limit.ts';
import type { PublicStatus } from '../core/ledger/ledger.ts';
import type { TokenSealer } from '../core/links/sealed-link.ts';
import type { Counters } from '../core/model/counter.ts';
import type { EmailAddress } from '../core/model/email-address.ts';
import type { Themes } from './theme.ts';
import type { Language } from './wording.ts';

export interface PagePorts extends IngestPorts {
  readonly sealer: TokenSealer;
  readonly find: (id: string) => Promise<PublicStatus | undefined>;
  /** How often the form may be submitted. */
  readonly limits: Limits;
  /** Counts submissions of the form. */
  readonly counters: Counters;
  /** The appearance of the pages, including every configured brand. */
  readonly themes: Themes;
}

/** A person's opt-out by a mail client's one-click, the confirm page's button, or the form. */
export interface PageOptOut {
  readonly source: 'one-click' | 'page' | 'form';
  readonly email: EmailAddress;
  readonly brand?: string | undefined;
  /** The language of the page, kept in the receipt's URL. */
  readonly language: Language;
  readonly receivedAt: Date;
}

/** A person's opt-out that is on the queue. */
export interface Recorded {
  readonly id: string;
  /** The path of its receipt page. */
  readonly receiptPath: string;
}

/** Ingests a person's opt-out. */
export async function record(
  { source, email, brand, language, receivedAt }: PageOptOut,
  ports: PagePorts,
): Promise<Recorded> {
  const signal = personSignal({ email, occurredAt: receivedAt });
  const arrival = { source, brand, receivedAt, policy: defaultPolicy };
  const [optOut] = await ingest({ signals: [signal], unreadable: [] }, arrival, ports);
  if (!optOut) throw new Error("the policy ignored a person's opt-out");
  const receipt = await ports.sealer.sealStatusToken({ id: optOut.id, receivedAt: optOut.receivedAt, brand });
  return { id: optOut.id, receiptPath: `/receipts/${receipt}?lang=${language}` };
}
