/** What design.md promises, in its order. */
export const PROMISES = {
  lost: 'Nothing lost',
  doubled: 'Nothing doubled, nothing stale',
  assumed: 'Nothing assumed',
  letIn: 'Nobody let in',
  leaked: 'Nothing leaked',
  waits: 'Nobody waits in silence',
} as const;

/** What came of trying to break a promise. */
export interface Proven {
  readonly promise: string;
  readonly name: string;
  /** How many ways of breaking it were tried. */
  readonly cases: number;
  /** Each that was not as promised, in a sentence. */
  readonly violations: readonly string[];
  /** What was measured on the way. */
  readonly figures: Readonly<Record<string, string | number>>;
}

/** Collects what a proof tries. */
export interface Trial {
  /** Counts a case. */
  holds(isSo: boolean, otherwise: () => string): void;
  /** Counts nothing: something that should not have happened at all. */
  violated(how: string): void;
  proven(figures: Proven['figures']): Proven;
}

export function createTrial(promise: keyof typeof PROMISES, name: string): Trial {
  const violations: string[] = [];
  let cases = 0;
  return {
    holds(isSo, otherwise) {
      cases += 1;
      if (!isSo) violations.push(otherwise());
    },
    violated: (how) => void violations.push(how),
    proven: (figures) => ({ promise: PROMISES[promise], name, cases, violations, figures }),
  };
}
