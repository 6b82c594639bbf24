import { it } from 'vitest';
import { openReport } from '../../../functions/aws/telemetry.ts';

it('tells nothing', () => {
  openReport('deliver').report({ event: 'webhook.refused', source: 'generic', reason: 'the proof does not match' });
});
