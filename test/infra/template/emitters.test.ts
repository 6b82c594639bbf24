import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { EVENTS } from '../../../functions/core/model/telemetry.ts';
import { reporterOf } from './emitted.ts';
import { codeOf, folder, functions } from './template.ts';

it.each(functions)('lists for %s exactly the events that its bundle emits', (name) => {
  // The bundler drops unreachable code, so the bundle only has events that the function can report.
  const bundle = readFileSync(join(folder, name, 'index.mjs'), 'utf8');
  const emitted = Object.keys(EVENTS).filter((event) => bundle.includes(`event:"${event}"`));

  const listed = Object.entries(EVENTS).flatMap(([event, { emittedBy }]) =>
    emittedBy.some((each) => each === reporterOf(name)) ? [event] : [],
  );
  expect(listed).toEqual(emitted);
});

it.each(functions)('reports as the function %s', (name) => {
  expect(codeOf(name)).toContain(`createReport('${reporterOf(name)}')`);
});
