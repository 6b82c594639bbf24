import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { bundle } from '../../infra/bundle.ts';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** As much of the CloudFormation template as the tests read. */
export interface Template {
  readonly Conditions: Readonly<Record<string, unknown>>;
  readonly Resources: Readonly<Record<string, Resource>>;
}

export interface Resource {
  readonly Type: string;
  readonly Properties: Properties;
  readonly DependsOn?: string | readonly string[];
  readonly DeletionPolicy?: string;
  readonly Condition?: string;
}

export interface Properties {
  readonly Environment?: { readonly Variables: Readonly<Record<string, unknown>> };
  readonly Policies?: readonly { readonly PolicyDocument: { readonly Statement: readonly Statement[] } }[];
  readonly RedrivePolicy?: { readonly maxReceiveCount: number; readonly deadLetterTargetArn: unknown };
  readonly AccessLogSettings?: { readonly Format: string };
  readonly [name: string]: unknown;
}

export interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

const OSLS = join(ROOT, 'node_modules/osls/bin/serverless.js');

/**
 * Packages the service once for each list of options, in a folder of its own, without credentials or network, as
 * `npm run package` does.
 */
export async function packaged(...runs: readonly (readonly string[])[]): Promise<readonly Template[]> {
  const folder = mkdtempSync(join(tmpdir(), 'optout-relay-package-'));
  try {
    for (const name of ['serverless.yml', 'infra']) cpSync(join(ROOT, name), join(folder, name), { recursive: true });
    await bundle({ to: join(folder, 'dist') });
    const templates: Template[] = [];
    for (const options of runs) {
      await promisify(execFile)(process.execPath, [OSLS, 'package', ...options], { cwd: folder, env: {} });
      const file = join(folder, '.serverless/cloudformation-template-update-stack.json');
      templates.push(JSON.parse(readFileSync(file, 'utf8')));
    }
    return templates;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
