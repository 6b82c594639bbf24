/** The promises of docs/guarantees.md that a proof can break, in its order. */
export const PROMISES = {
  lost: 'Nothing lost',
  doubled: 'Nothing doubled, nothing stale',
  unauthenticated: 'Nothing unauthenticated',
  leaked: 'Nothing leaked',
  overlooked: 'Nothing overlooked',
} as const;

/** The result of a proof: an attempt to break a promise in many ways. */
export interface ProofResult {
  readonly promise: string;
  readonly name: string;
  /** How many checks were made. */
  readonly cases: number;
  /** One sentence for each check that failed. */
  readonly violations: readonly string[];
  /** What was measured during the run. */
  readonly figures: Readonly<Record<string, string | number>>;
  /** Figures for each of many things. */
  readonly table?: Table;
}

export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Collects the checks of a running proof. */
export interface Proof {
  /** Counts a case, and records a violation if `holds` is false. */
  check(holds: boolean, violation: () => string): void;
  /** Records a violation without counting a case. */
  violation(text: string): void;
  result(figures: ProofResult['figures'], table?: Table): ProofResult;
}

export function createProof(promise: keyof typeof PROMISES, name: string): Proof {
  const violations: string[] = [];
  let cases = 0;
  return {
    check(holds, violation) {
      cases += 1;
      if (!holds) violations.push(violation());
    },
    violation: (text) => void violations.push(text),
    result: (figures, table) => ({
      promise: PROMISES[promise],
      name,
      cases,
      violations,
      figures,
      ...(table && { table }),
    }),
  };
}
