import type { Mark } from './marks.ts';
import { MARKS } from './marks.ts';
import type { Place } from './observe.ts';

/** Where a mark has to be, or is wanted. */
interface Belonging {
  readonly place: Place;
  readonly of: RegExp;
  readonly why: string;
}

const BELONG: Readonly<Record<Mark, readonly Belonging[]>> = {
  [MARKS.address]: [
    { place: 'a file', of: /^fauxqs\.db/, why: 'the queues and the bucket' },
    { place: 'a file', of: /^dynamodb/, why: 'the ledger' },
    { place: 'a file', of: /^hubspot\.sqlite/, why: 'HubSpot itself' },
    { place: 'a file', of: /^operator\/(given|broken)\./, why: 'what the operator has, to be sealed, sent or checked' },
    { place: 'a file', of: /^operator\/links\.csv$/, why: 'the rows of that file, each with its link' },
    { place: 'a file', of: /^operator\/ledger\./, why: 'the ledger, as it was asked for' },
    {
      place: 'the operator',
      of: /^relay why --json.*, stdout$/,
      why: 'the entries of the address that was asked about',
    },
    { place: 'the operator', of: /^relay held.*, stdout$/, why: 'a person decides about whom it is' },
    { place: 'the operator', of: /^relay redrive --dry-run, stdout$/, why: 'the same, before it is done' },
    { place: 'the operator', of: /^relay export.*, stdout$/, why: 'the ledger, as it was asked for' },
    { place: 'the operator', of: /^relay link --csv.*, stdout$/, why: 'the rows of a file, each with its link' },
  ],
  [MARKS.secret]: [{ place: 'a file', of: /^secrets-manager\.sqlite/, why: 'Secrets Manager' }],
};

export function belongs(mark: Mark, place: Place, of: string): boolean {
  return BELONG[mark].some((each) => each.place === place && each.of.test(of));
}
