import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';
import type { Bundle } from '../../infra/bundle.ts';
import { bundle } from '../../infra/bundle.ts';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** The parts of a CloudFormation template that the tests read. */
export interface Template {
  readonly Conditions: Readonly<Record<string, unknown>>;
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs: Readonly<Record<string, unknown>>;
}

export interface Resource {
  readonly Type: string;
  readonly Properties: Properties;
  readonly DependsOn?: string | readonly string[];
  readonly Condition?: string;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
  readonly UpdatePolicy?: unknown;
}

export interface Properties {
  readonly Environment?: { readonly Variables: Readonly<Record<string, unknown>> };
  readonly Policies?: readonly { readonly PolicyDocument: Policy }[];
  readonly PolicyDocument?: Policy;
  readonly RedrivePolicy?: { readonly maxReceiveCount: number; readonly deadLetterTargetArn: unknown };
  readonly AccessLogSettings?: { readonly Format: string; readonly DestinationArn: unknown };
  readonly [name: string]: unknown;
}

export interface Policy {
  readonly Statement: readonly Statement[];
}

export interface Statement {
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

/** A value for every parameter that is empty by default. */
export const GIVEN = {
  domainName: 'optout.example.com',
  certificateArn: 'arn:aws:acm:us-east-1:000000000000:certificate/example',
  deliverConcurrency: '5',
  publicConcurrency: '50',
  kmsKey: 'arn:aws:kms:us-east-1:000000000000:key/example',
  alarmTopic: 'arn:aws:sns:us-east-1:000000000000:on-call',
  recoveryTopic: 'arn:aws:sns:us-east-1:000000000000:recovered',
  sesTopicArn: 'arn:aws:sns:us-east-1:000000000000:ses',
  salesforceBus: 'aws.partner/salesforce.com/00D5e000000KQ2eEAG/0YL5e0000000001CAA',
  resultBus: 'arn:aws:events:us-east-1:000000000000:event-bus/crm',
  ledgerRetentionDays: '365',
  mailDomain: 'mail.example.com',
  mailRuleSet: 'inbound',
};

export interface Packaged {
  /** Stage `dev` with default parameters. */
  readonly dev: Template;
  /** Stage `production` with the parameters in `GIVEN`. */
  readonly production: Template;
  /** Stage `staging`, which serverless.yml does not name, with default parameters. */
  readonly staging: Template;
  /** How osls protects each stack. */
  readonly protections: Readonly<Record<'dev' | 'production' | 'staging', Protection>>;
  readonly bundles: readonly Bundle[];
  /** Folder with the ZIPs. */
  readonly folder: string;
}

/** Settings of osls that are not part of the template. */
export interface Protection {
  readonly deletionProtection: boolean;
  readonly stackPolicy: readonly Statement[];
}

declare module 'vitest' {
  interface ProvidedContext {
    readonly packaged: Packaged;
  }
}

/** Packages the service once for all template tests. Returns the cleanup. */
export async function setup({ provide }: TestProject): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), 'optout-relay-package-'));
  const bundles = await bundle({ to: join(folder, 'dist') });
  const params = Object.entries(GIVEN).map(([name, value]) => `--param=${name}=${value}`);
  const [dev, production, staging] = await Promise.all([
    packaged(folder, 'dev'),
    packaged(folder, 'production', ...params),
    packaged(folder, 'staging'),
  ]);
  const protections = { dev: dev.protection, production: production.protection, staging: staging.protection };
  const templates = { dev: dev.template, production: production.template, staging: staging.template };
  provide('packaged', { ...templates, protections, bundles, folder: join(folder, 'dist') });
  return () => rmSync(folder, { recursive: true, force: true });
}

export const OSLS = join(ROOT, 'node_modules/osls/bin/serverless.js');

/** Packages like `npm run package`, in a separate folder, without credentials or network. */
async function packaged(folder: string, stage: string, ...params: readonly string[]) {
  const cwd = join(folder, stage);
  for (const name of ['serverless.yml', 'infra']) cpSync(join(ROOT, name), join(cwd, name), { recursive: true });
  cpSync(join(folder, 'dist'), join(cwd, 'dist'), { recursive: true });
  // infra/parameters.ts imports the schemas of the environment.
  symlinkSync(join(ROOT, 'functions'), join(cwd, 'functions'));
  const args = [OSLS, 'package', `--stage=${stage}`, ...params];
  await promisify(execFile)(process.execPath, args, { cwd, env: {} });
  const read = (file: string) => JSON.parse(readFileSync(join(cwd, '.serverless', file), 'utf8'));
  const template: Template = read('cloudformation-template-update-stack.json');
  const { deletionProtection, stackPolicy }: Protection = read('serverless-state.json').service.provider;
  return { template, protection: { deletionProtection, stackPolicy } };
}
