import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { withoutConditions } from './constant-conditions.ts';

const ROOT = join(import.meta.dirname, '../..');
const OSLS = join(ROOT, 'node_modules/osls/bin/serverless.js');

/** A value for every parameter that is empty by default. */
const GIVEN: Readonly<Record<string, string>> = {
  domainName: 'optout.example.com',
  certificateArn: 'arn:aws:acm:us-east-1:111122223333:certificate/12345678-1234-1234-1234-123456789012',
  kmsKey: 'arn:aws:kms:us-east-1:111122223333:key/12345678-1234-1234-1234-123456789012',
  alarmTopic: 'arn:aws:sns:us-east-1:111122223333:page-us',
  recoveryTopic: 'arn:aws:sns:us-east-1:111122223333:recovered',
  sesTopicArn: 'arn:aws:sns:us-east-1:111122223333:ses',
  salesforceBus: 'aws.partner/salesforce.com/00D5e000000KQ2eEAG/0YL5e0000000001CAA',
  resultBus: 'arn:aws:events:us-east-1:111122223333:event-bus/crm',
  ledgerRetentionDays: '365',
  mailDomain: 'mail.example.com',
  mailRuleSet: 'inbound',
};
/** Parameters that add resources or settings and have another default. */
const ALSO_GIVEN = { publicConcurrency: '50', hubspotBatch: 'true' };

/** `staging` stands for every stage that serverless.yml does not name. */
const STAGES = ['dev', 'staging', 'production'];

/** A packaged template, as it would be deployed. */
export interface Stage {
  /** `dev`, or `dev-full` if every parameter is set. */
  readonly name: string;
  /** The template without its conditions. */
  readonly file: string;
}

/** Packages every stage, with the default parameters and with every parameter. Needs the bundles in `dist/`. */
export async function packageStages(folder: string): Promise<readonly Stage[]> {
  requireAllGiven();
  const full = Object.entries({ ...GIVEN, ...ALSO_GIVEN }).map(([name, value]) => `--param=${name}=${value}`);
  const stages: Stage[] = [];
  for (const stage of STAGES) {
    const params = [`--stage=${stage}`, '--region=us-east-1'];
    stages.push(await packaged(folder, stage, params));
    stages.push(await packaged(folder, `${stage}-full`, [...params, ...full]));
  }
  return stages;
}

async function packaged(folder: string, name: string, params: readonly string[]): Promise<Stage> {
  const to = join(folder, 'packages', name);
  rmSync(to, { recursive: true, force: true });
  await promisify(execFile)(process.execPath, [OSLS, 'package', `--package=${to}`, ...params], { cwd: ROOT });
  const template = JSON.parse(readFileSync(join(to, 'cloudformation-template-update-stack.json'), 'utf8'));
  mkdirSync(join(folder, 'templates'), { recursive: true });
  const file = join(folder, 'templates', `${name}.json`);
  writeFileSync(file, JSON.stringify(withoutConditions(template), null, 2));
  return { name, file };
}

/** @throws Error if serverless.yml has an empty parameter that is not in `GIVEN`, so that its resources would not be checked */
function requireAllGiven(): void {
  const { params } = parse(readFileSync(join(ROOT, 'serverless.yml'), 'utf8'), { logLevel: 'silent' });
  const empty = Object.keys(params.default).filter((name) => params.default[name] === '');
  const missing = empty.filter((name) => !(name in GIVEN));
  if (missing.length > 0) throw new Error(`infra/check-aws/stages.ts has no value for ${missing.join(', ')}`);
}
