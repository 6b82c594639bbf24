import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GENERATED } from './generated.ts';

/** `npm run docs`: writes the generated files. */
for (const [file, generate] of Object.entries(GENERATED)) {
  writeFileSync(join(import.meta.dirname, '../..', file), generate());
  console.log(`wrote ${file}`);
}
