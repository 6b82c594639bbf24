import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { deploymentFaults, PARAMETERS } from '../../infra/parameters.ts';
import { GIVEN, OSLS, ROOT } from './packaged.ts';

const { params } = parse(readFileSync(join(ROOT, 'serverless.yml'), 'utf8'));

function faultsOf(parameters: Readonly<Record<string, unknown>>, stage = 'production'): readonly string[] {
  return deploymentFaults({ stage, region: 'us-east-1', parameters });
}

it('knows exactly the parameters of serverless.yml, and docs/deploy.md lists each', () => {
  const deploy = readFileSync(join(ROOT, 'docs/deploy.md'), 'utf8');

  expect(Object.keys(PARAMETERS).sort()).toEqual(Object.keys(params.default).sort());
  for (const name of Object.keys(PARAMETERS)) expect(deploy).toMatch(new RegExp(`^\\|.*\`${name}\`.*\\|`, 'm'));
});

it('accepts every default, and a value for every parameter', () => {
  const resolved = {
    metricsNamespace: 'OptOutRelay/dev',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation syntax
    mailBucket: 'optout-relay-dev-mail-${AWS::AccountId}-${AWS::Region}',
  };

  for (const stage of ['dev', 'production']) {
    expect(faultsOf({ ...params.default, ...params[stage], ...resolved }, stage)).toEqual([]);
    expect(faultsOf({ ...params.default, ...resolved, ...GIVEN }, stage)).toEqual([]);
  }
});

it.each([
  ['domainName', 'optout.example.com', 'https://optout.example.com'],
  ['domainName', 'optout.example.com', 'OptOut.example.com'],
  ['domainName', 'optout.example.com', 'localhost'],
  ['certificateArn', GIVEN.certificateArn, 'arn:aws:acm:eu-central-1:000000000000:certificate/example'],
  ['publicUrl', 'https://optout.example.com', 'https://optout.example.com/relay'],
  ['publicUrl', 'https://optout.example.com/', 'http://optout.example.com'],
  ['publicUrl', 'https://optout.example.com:8443', 'optout.example.com'],
  ['hubspotBaseUrl', 'https://api.hubapi.com', 'https://api.hubapi.com/v3'],
  ['hubspotApiVersion', '2026-09', '2026-9'],
  ['hubspotRatePer10Seconds', '190', '0'],
  ['hubspotRatePer10Seconds', 100, 1.5],
  ['hubspotBatch', 'true', 'yes'],
  ['hubspotBatch', '50', '101'],
  ['ledgerRetentionDays', '30', '10'],
  ['metricsNamespace', 'OptOutRelay/eu', 'AWS/OptOutRelay'],
  ['deliverConcurrency', '2', '1'],
  ['deliverConcurrency', '1000', '1001'],
  ['publicConcurrency', '0', 'lots'],
  ['publicConcurrency', '50', '-1'],
  ['kmsKey', GIVEN.kmsKey, 'alias/optout-relay'],
  ['alarmTopic', GIVEN.alarmTopic, 'page-us'],
  ['alarmTopic', GIVEN.alarmTopic, 'arn:aws:sns:eu-central-1:000000000000:on-call'],
  ['alarmTopic', GIVEN.alarmTopic, 'arn:aws:sns:us-east-1:000000000000:on-call:c7b1'],
  ['rollout', 'none', 'Canary10'],
  ['rollout', 'Linear10PercentEvery1Minute', 'CodeDeployDefault.LambdaAllAtOnce'],
  ['sesTopicArn', GIVEN.sesTopicArn, 'ses'],
  ['salesforceBus', GIVEN.salesforceBus, 'default'],
  ['resultBus', GIVEN.resultBus, 'crm'],
  ['mailDomain', 'mail.example.com', 'unsubscribe@mail.example.com'],
  ['mailBucket', 'acme-mail', 'Acme-Mail'],
  ['logRetentionInDays', 365, '10'],
  ['defaultBus', 'true', 'on'],
  ['isProtected', false, 'yes'],
])('accepts the %s %s and rejects %s in one sentence', (name, right, wrong) => {
  const own = (faults: readonly string[]) => faults.filter((fault) => fault.includes(`parameter ${name} `));

  expect(own(faultsOf({ [name]: right }))).toEqual([]);
  const [fault, ...more] = own(faultsOf({ [name]: wrong }));
  expect(fault).toMatch(new RegExp(`^The parameter ${name} must be .+, not ".+"\\.$`));
  expect(more).toEqual([]);
});

it.each([
  [{ domainName: 'optout.example.com' }, 'Set both domainName and certificateArn, or neither.'],
  [{ certificateArn: GIVEN.certificateArn }, 'Set both domainName and certificateArn, or neither.'],
  [{ mailRuleSet: 'inbound' }, 'mailRuleSet has no effect without mailDomain. Set both.'],
  [{ alarmtopic: GIVEN.alarmTopic }, 'There is no parameter alarmtopic. docs/deploy.md lists the parameters.'],
])('rejects %o', (parameters, fault) => {
  expect(faultsOf(parameters)).toEqual([fault]);
});

it.each(['dev', 'eu1', 'a', 'eu-production-2', 'x'.repeat(17)])('accepts the stage %s', (stage) => {
  expect(faultsOf({}, stage)).toEqual([]);
});

it.each(['Production', '1st', 'a-', 'a--b', 'a_b', '', 'x'.repeat(18)])('rejects the stage "%s"', (stage) => {
  expect(faultsOf({ rollout: 'Canary10' }, stage)).toEqual([
    `The stage "${stage}" cannot be part of AWS's resource names. Use up to 17 lowercase letters, digits and single hyphens, and begin with a letter.`,
  ]);
});

it('stops packaging and names every fault, before anything is written', async () => {
  const given = ['isProtected=yes', 'defaultBus=on', 'logRetentionInDays=10', 'deliverConcurrency=1', 'hubspotKey=x'];

  const { code, output } = await osls('package', '--stage=production', ...given.map((each) => `--param=${each}`));

  expect(code).toBe(1);
  for (const each of given) {
    const [name, value] = each.split('=');
    expect(output).toMatch(
      new RegExp(`^The parameter ${name} must be .+, not "${value}"\\.$|^There is no parameter ${name}\\.`, 'm'),
    );
  }
  expect(output).not.toContain('Cannot resolve');
});

it('reports a stage that osls rejects once', async () => {
  const { code, output } = await osls('package', '--stage=prod_1');

  expect(code).toBe(1);
  expect(output.match(/Invalid stage name/g)).toHaveLength(1);
});

it.each(['alarmTopic=', 'alarmTopic'])('reports the option --param=%s, which has no value, once', async (given) => {
  const { code, output } = await osls('package', '--stage=production', `--param=${given}`);

  expect(code).toBe(1);
  const sentence = `The option --param="${given}" has no value. Write --param="name=value", or leave the parameter out.`;
  expect(output.split('\n').filter((line) => line.includes('--param'))).toEqual([expect.stringContaining(sentence)]);
});

/** Runs osls in the project itself: a rejected deployment writes no file. osls prints errors to either stream. */
async function osls(...args: readonly string[]): Promise<{ readonly code: number; readonly output: string }> {
  const running = promisify(execFile)(process.execPath, [OSLS, ...args], { cwd: ROOT, env: {} });
  const { code = 0, stdout, stderr } = await running.catch((error) => error);
  return { code, output: `${stdout}${stderr}` };
}
