import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

/** What a tool reports about a resource of a template. */
export interface Finding {
  /** The tool's name of the rule, such as `W3005` or `CKV_AWS_117`. */
  readonly rule: string;
  /** The stage, such as `dev` or `production-full`. */
  readonly stage: string;
  /** The logical id, or empty if the finding is not about a resource. */
  readonly resource: string;
  readonly text: string;
}

/** A finding that stays, and why. */
export interface Acceptance {
  readonly rule: string;
  /** @default every resource */
  readonly resources?: readonly string[];
  /** @default every stage */
  readonly stages?: readonly string[];
  readonly reason: string;
}

export type Tool = 'cfn-lint' | 'checkov';

/** Reads `accepted.yml`. */
export function readAccepted(tool: Tool): readonly Acceptance[] {
  return parse(readFileSync(join(import.meta.dirname, 'accepted.yml'), 'utf8'))[tool];
}

/** Returns a line for each finding that is not accepted, and for each acceptance that no finding needs. */
export function faultsIn(findings: readonly Finding[], accepted: readonly Acceptance[]): readonly string[] {
  const unused = new Set(accepted);
  const open = findings.filter((finding) => {
    const acceptance = accepted.find((each) => covers(each, finding));
    if (acceptance) unused.delete(acceptance);
    return !acceptance;
  });
  const lines = open.map(({ rule, stage, resource, text }) => `${stage}: ${resource}: ${rule}: ${text}`);
  return [...lines, ...[...unused].map(({ rule }) => `accepted.yml: ${rule} is not reported: remove or narrow it`)];
}

function covers({ rule, resources, stages }: Acceptance, finding: Finding): boolean {
  if (rule !== finding.rule) return false;
  return (resources?.includes(finding.resource) ?? true) && (stages?.includes(finding.stage) ?? true);
}
