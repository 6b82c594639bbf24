import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const ROOT = join(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
const manifest = JSON.parse(read('package.json'));

describe.each(globSync('.github/workflows/*.yml', { cwd: ROOT }))('%s', (file) => {
  const workflow = parse(read(file));
  const steps = Object.values<{ readonly steps: readonly { readonly uses?: string; readonly run?: string }[] }>(
    workflow.jobs,
  ).flatMap((job) => job.steps);

  it('may read the code and nothing else', () => {
    expect(workflow.permissions).toEqual({ contents: 'read' });
    for (const job of Object.values<object>(workflow.jobs)) expect(job).not.toHaveProperty('permissions');
    expect(read(file)).not.toMatch(/secrets\.|pull_request_target/);
  });

  it('pins every action by its commit, with the version beside it', () => {
    const used = read(file).match(/uses: .*/g) ?? [];

    expect(used).toHaveLength(steps.filter(({ uses }) => uses).length);
    for (const line of used) expect(line).toMatch(/^uses: [\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  it('runs scripts that exist, on the versions of Node that are supported', () => {
    const scripts = steps.flatMap(({ run = '' }) => /^npm run (\S+)$/.exec(run)?.[1] ?? []);

    expect(Object.keys(manifest.scripts)).toEqual(expect.arrayContaining(scripts));
    expect(scripts).toEqual(['check']);
    expect(workflow.jobs.check.strategy.matrix.node).toEqual([22, Number(read('.nvmrc'))]);
  });
});

describe('the issue forms', () => {
  const forms = globSync('.github/ISSUE_TEMPLATE/*.yml', { cwd: ROOT }).filter((file) => !file.endsWith('config.yml'));

  it.each(forms)('%s has fields with an id and a label', (file) => {
    const { name, description, body } = parse(read(file));
    const fields = body.filter(({ type }: { readonly type: string }) => type !== 'markdown');

    expect([name, description]).toEqual([expect.stringMatching(/./), expect.stringMatching(/./)]);
    for (const { id, attributes } of fields) expect([id, attributes.label]).not.toContain(undefined);
    expect(new Set(fields.map(({ id }: { readonly id: string }) => id)).size).toBe(fields.length);
  });

  it('ask for a redacted body, and for the confirmation that it is', () => {
    const { body } = parse(read('.github/ISSUE_TEMPLATE/payload.yml'));
    const required = body.filter(({ validations }: { readonly validations?: { readonly required: boolean } }) => {
      return validations?.required;
    });

    expect(required.map(({ id }: { readonly id: string }) => id)).toContain('body');
    expect(body.at(-1).attributes.options[0].required).toBe(true);
  });
});

it('names one repository everywhere', () => {
  const [, repository = ''] = /github\.com\/(\S+)\.git$/.exec(manifest.repository.url) ?? [];
  const files = ['CONTRIBUTING.md', 'SECURITY.md', '.github/ISSUE_TEMPLATE/config.yml'].map(read);

  expect(manifest.bugs).toBe(`https://github.com/${repository}/issues`);
  expect(manifest.homepage).toBe(`https://github.com/${repository}#readme`);
  for (const text of files) expect(text).toContain(`https://github.com/${repository}/`);
});

it('has an entry in the changelog for its version', () => {
  expect(read('CHANGELOG.md')).toContain(`\n## ${manifest.version.replace(/-rc.*/, '-rc')}\n`);
});

it('explains how to contribute within 60 lines', () => {
  expect(read('CONTRIBUTING.md').trimEnd().split('\n').length).toBeLessThanOrEqual(60);
});
