import { toOptOut } from '../core/intake/ingest.ts';
import { defaultPolicy } from '../core/intake/policy.ts';
import type { Limits } from '../core/intake/rate-limit.ts';
import type { Progress } from '../core/ledger/ledger.ts';
import type { TokenSealer } from '../core/links/sealed-link.ts';
import type { Counter } from '../core/model/counter.ts';
import type { EmailAddress } from '../core/model/email-address.ts';
import type { OptOut } from '../core/model/opt-out.ts';
import { actKey } from '../core/model/opt-out.ts';
import type { Report } from '../core/model/telemetry.ts';
import type { Themes } from './theme.ts';
import type { Language } from './wording.ts';

export interface PagePorts {
  readonly sealer: TokenSealer;
  readonly find: (id: string) => Promise<Progress | undefined>;
  /** How often the form may be sent. */
  readonly limits: Limits;
  /** Counts a submission: undefined where it may pass, else the seconds until another try is worth it. */
  readonly limit: (counters: readonly Counter[]) => Promise<number | undefined>;
  /** Resolves once the command is durable. */
  readonly enqueue: (optOuts: readonly OptOut[]) => Promise<void>;
  readonly report: Report;
  /** How the pages look; every configured brand is among them. */
  readonly themes: Themes;
}

/** What a person did: pressed a mail client's button, our page's button, or sent the form. */
export interface Act {
  readonly source: 'one-click' | 'page' | 'form';
  readonly email: EmailAddress;
  readonly brand?: string | undefined;
  /** What the person reads; the receipt keeps it. */
  readonly language: Language;
  readonly receivedAt: Date;
}

/** Where the person can see what became of it. */
export interface Recorded {
  readonly receiptPath: string;
}

/** Puts a person's opt-out on the queue. */
export async function record(act: Act, through: PagePorts): Promise<Recorded> {
  const { source, email, brand, language, receivedAt } = act;
  const signal = {
    kind: 'opt_out',
    scope: 'all',
    email,
    eventKey: actKey(email, brand, receivedAt),
    occurredAt: receivedAt,
    confidence: 'exact',
  } as const;
  const policy = { ...defaultPolicy, ...(brand === undefined ? {} : { brand }) };
  const optOut = toOptOut(signal, { source, receivedAt, policy });
  if (!optOut) throw new Error('a person opted out and the policy asks for nothing');
  await through.enqueue([optOut]);
  through.report({ event: 'optout.accepted', source, optOuts: [optOut] });
  const receipt = await through.sealer.sealStatusToken({ id: optOut.id, receivedAt: optOut.receivedAt, brand });
  return { receiptPath: `/receipts/${receipt}?lang=${language}` };
}
