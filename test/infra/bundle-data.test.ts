import { join } from 'node:path';
import { build } from 'esbuild';
import { expect, it } from 'vitest';
import { languages } from '../../functions/pages/languages.ts';
import { sharedKeys } from '../../infra/bundle-data.ts';
import { ROOT } from './packaged.ts';

it('bundles every message of every language, with each name once', async () => {
  const { outputFiles } = await build({
    entryPoints: [join(ROOT, 'functions/pages/languages.ts')],
    bundle: true,
    format: 'esm',
    charset: 'utf8',
    write: false,
    plugins: [sharedKeys],
  });
  const code = outputFiles[0]?.text ?? '';

  const bundled = await import(`data:text/javascript,${encodeURIComponent(code)}`);

  expect(bundled.languages).toEqual(languages);
  expect(code.match(/alreadyRecordedTitle/g)).toHaveLength(1);
});
