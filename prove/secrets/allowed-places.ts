import type { Mark } from './marks.ts';
import { MARKS } from './marks.ts';
import type { Place } from './observe.ts';

/** A place that may contain a mark. */
interface AllowedPlace {
  readonly place: Place;
  readonly detail: RegExp;
  readonly why: string;
}

const ALLOWED: Readonly<Record<Mark, readonly AllowedPlace[]>> = {
  [MARKS.address]: [
    { place: 'file', detail: /^fauxqs\.db/, why: 'the queues and the bucket' },
    { place: 'file', detail: /^dynamodb/, why: 'the ledger' },
    { place: 'file', detail: /^hubspot\.sqlite/, why: 'HubSpot itself' },
    { place: 'file', detail: /^operator\/(valid|broken)\./, why: 'the input files of the operator' },
    { place: 'file', detail: /^operator\/links\.csv$/, why: 'the rows of the input file, each with its link' },
    { place: 'file', detail: /^operator\/list\.csv$/, why: 'the requested list for the import into HubSpot' },
    { place: 'file', detail: /^operator\/missing\.csv$/, why: 'the requested list of rows that HubSpot does not show' },
    { place: 'file', detail: /^operator\/proof\.json$/, why: 'the requested proof of an address' },
    { place: 'file', detail: /^operator\/status\.csv$/, why: 'an input file of the operator' },
    { place: 'file', detail: /^operator\/ledger\./, why: 'the requested export of the ledger' },
    {
      place: 'cli',
      detail: /^relay why --json.*, stdout$/,
      why: 'the entries of the requested address',
    },
    { place: 'cli', detail: /^relay held.*, stdout$/, why: 'an operator decides on each opt-out' },
    { place: 'cli', detail: /^relay redrive --dry-run, stdout$/, why: 'an operator decides on each message' },
    { place: 'cli', detail: /^relay proof.*, stdout$/, why: 'the requested proof of an address' },
    { place: 'cli', detail: /^relay export.*, stdout$/, why: 'the requested export of the ledger' },
    { place: 'cli', detail: /^relay link --csv.*, stdout$/, why: 'the rows of the input file, each with its link' },
  ],
  [MARKS.secret]: [
    { place: 'file', detail: /^secrets-manager\.sqlite/, why: 'Secrets Manager' },
    { place: 'file', detail: /^secrets\//, why: 'the secrets that the local stack hands to its owner' },
  ],
};

/** Returns whether a place may contain a mark. */
export function isAllowed(mark: Mark, place: Place, detail: string): boolean {
  return ALLOWED[mark].some((allowed) => allowed.place === place && allowed.detail.test(detail));
}
