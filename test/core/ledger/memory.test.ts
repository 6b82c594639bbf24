import { describe } from 'vitest';
import { describeLedger } from './describe-ledger.ts';
import { describeOperatorLedger } from './describe-operator-ledger.ts';
import { createMemoryLedger } from './memory.ts';

describe('the ledger in memory', () => {
  describeLedger(createMemoryLedger);
  describeOperatorLedger(createMemoryLedger);
});
