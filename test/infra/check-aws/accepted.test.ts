import { describe, expect, it } from 'vitest';
import { faultsIn, readAccepted } from '../../../infra/check-aws/accepted.ts';

const finding = { rule: 'CKV_AWS_27', stage: 'dev', resource: 'OptOutQueue', text: 'not encrypted' };
const acceptance = { rule: 'CKV_AWS_27', reason: 'because' };

describe('faultsIn', () => {
  it.each([
    ['everywhere', acceptance],
    ['for the resource', { ...acceptance, resources: ['BulkQueue', 'OptOutQueue'] }],
    ['for the resource in the stage', { ...acceptance, resources: ['OptOutQueue'], stages: ['dev'] }],
  ])('returns nothing if the finding is accepted %s', (_where, accepted) => {
    expect(faultsIn([finding], [accepted])).toEqual([]);
  });

  it.each([
    ['nothing is accepted', []],
    ['another rule is accepted', [{ ...acceptance, rule: 'CKV_AWS_2' }]],
    ['another resource is accepted', [{ ...acceptance, resources: ['BulkQueue'] }]],
    ['another stage is accepted', [{ ...acceptance, stages: ['production'] }]],
  ])('returns the finding if %s', (_what, accepted) => {
    expect(faultsIn([finding], accepted)).toContain('dev: OptOutQueue: CKV_AWS_27: not encrypted');
  });

  it('returns an acceptance that no finding needs', () => {
    const unneeded = { ...acceptance, resources: ['BulkQueue'] };

    expect(faultsIn([finding], [acceptance, unneeded])).toEqual([
      'accepted.yml: CKV_AWS_27 is not reported: remove or narrow it',
    ]);
  });
});

it.each(['cfn-lint', 'checkov'] as const)('accepted.yml has a reason for every finding of %s', (tool) => {
  const accepted = readAccepted(tool);

  expect(accepted.length).toBeGreaterThan(0);
  expect(accepted.filter(({ reason }) => reason.length < 40)).toEqual([]);
});
