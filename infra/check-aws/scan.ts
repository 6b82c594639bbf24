import { execFile } from 'node:child_process';
import { basename, join } from 'node:path';
import type { Finding } from './accepted.ts';
import type { Stage } from './stages.ts';

/** Checkov's rules for these resources, and for everything else in the template. */
const CHECKOV = ['--framework', 'cloudformation', '--skip-download', '--compact', '--quiet', '--output', 'json'];
/** A region without a service or property of the template is reported. */
const REGIONS = ['us-east-1', 'eu-central-1'];

/** Returns the errors and warnings of cfn-lint. */
export async function cfnLint(bin: string, stages: readonly Stage[]): Promise<readonly Finding[]> {
  const args = ['--format', 'json', '--regions', ...REGIONS, '--', ...stages.map(({ file }) => file)];
  const matches: readonly CfnLintMatch[] = await jsonOf(join(bin, 'cfn-lint'), args);
  return matches.map(({ Rule, Message, Filename, Location }) => ({
    rule: Rule.Id,
    stage: basename(Filename, '.json'),
    resource: String(Location.Path?.[1] ?? ''),
    text: Message,
  }));
}

interface CfnLintMatch {
  readonly Rule: { readonly Id: string };
  readonly Message: string;
  readonly Filename: string;
  readonly Location: { readonly Path?: readonly (string | number)[] | null };
}

/** Returns the failed checks of checkov. */
export async function checkov(bin: string, stages: readonly Stage[]): Promise<readonly Finding[]> {
  const args = [...CHECKOV, ...stages.flatMap(({ file }) => ['--file', file])];
  const report: CheckovReport = await jsonOf(join(bin, 'checkov'), args);
  if (report.summary.parsing_errors > 0) throw new Error('checkov could not read a template');
  return report.results.failed_checks.map(({ check_id, check_name, file_path, resource }) => ({
    rule: check_id,
    stage: basename(file_path, '.json'),
    resource: resource.split('.').at(-1) ?? '',
    text: check_name,
  }));
}

interface CheckovReport {
  readonly summary: { readonly parsing_errors: number };
  readonly results: { readonly failed_checks: readonly CheckovCheck[] };
}

interface CheckovCheck {
  readonly check_id: string;
  readonly check_name: string;
  readonly file_path: string;
  /** Type and logical id: `AWS::SQS::Queue.OptOutQueue`. */
  readonly resource: string;
}

/** Runs a tool that exits with a code other than 0 if it has findings. */
function jsonOf<Json>(command: string, args: readonly string[]): Promise<Json> {
  return new Promise((resolve, reject) => {
    execFile(command, args, { maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      try {
        resolve(JSON.parse(stdout));
      } catch {
        reject(new Error(`${basename(command)} failed: ${stderr || error?.message}`));
      }
    });
  });
}
