import type { IngestPorts } from '../core/intake/ingest.ts';
import { ingest } from '../core/intake/ingest.ts';
import { personSignal } from '../core/intake/person.ts';
import { defaultPolicy } from '../core/intake/policy.ts';
import type { Limits } from '../core/intake/rate-limit.ts';
import type { PublicStatus } from '../core/ledger/ledger.ts';
import type { TokenSealer } from '../core/links/sealed-link.ts';
import type { Counter } from '../core/model/counter.ts';
import type { EmailAddress } from '../core/model/email-address.ts';
import type { Themes } from './theme.ts';
import type { Language } from './wording.ts';

export interface PagePorts extends IngestPorts {
  readonly sealer: TokenSealer;
  readonly find: (id: string) => Promise<PublicStatus | undefined>;
  /** How often the form may be submitted. */
  readonly limits: Limits;
  /** Counts a submission. Returns undefined if it is within the limits, else the seconds until a retry may succeed. */
  readonly limit: (counters: readonly Counter[]) => Promise<number | undefined>;
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

/** Ingests a person's opt-out and returns the path of its receipt page. */
export async function record(
  { source, email, brand, language, receivedAt }: PageOptOut,
  ports: PagePorts,
): Promise<{ readonly receiptPath: string }> {
  const signal = personSignal({ email, occurredAt: receivedAt });
  const arrival = { source, brand, receivedAt, policy: defaultPolicy };
  const [optOut] = await ingest({ signals: [signal], unreadable: [] }, arrival, ports);
  if (!optOut) throw new Error("the policy ignored a person's opt-out");
  const receipt = await ports.sealer.sealStatusToken({ id: optOut.id, receivedAt: optOut.receivedAt, brand });
  return { receiptPath: `/receipts/${receipt}?lang=${language}` };
}
