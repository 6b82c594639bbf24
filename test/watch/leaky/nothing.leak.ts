import { it } from 'vitest';
import { createReport } from '../../../functions/aws/telemetry.ts';

it('tells nothing', () => {
  createReport('deliver').report({
    event: 'request.unauthenticated',
    source: 'generic',
    reason: 'no configured secret matches',
  });
});
