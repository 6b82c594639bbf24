import { it } from 'vitest';
import { createReport } from '../../../functions/aws/telemetry.ts';

it('leaks nothing', () => {
  createReport('deliver').report({
    event: 'request.unauthenticated',
    source: 'generic',
    reason: 'no configured secret matches',
  });
});
