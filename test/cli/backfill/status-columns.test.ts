import { describe, expect, it } from 'vitest';
import { conditionsOf } from '../../../cli/backfill/only.ts';
import { contraryFault, countStatusColumns } from '../../../cli/backfill/status-columns.ts';

function found(column: string, values: readonly string[], ignored: readonly string[] = []) {
  const columns = countStatusColumns(['email', column], ['email', ...ignored]);
  for (const value of values) columns.add(['ada@example.com', value]);
  return columns.found();
}

describe('countStatusColumns', () => {
  it.each<[string, readonly string[], number]>([
    ['Unsubscribed from all email', ['true', 'FALSE', ''], 2],
    ['Portal Unsubscribe', ['TRUE', ''], 1],
    ['Opted out of email: Newsletter', ['No', 'Yes'], 1],
    ['emailBlacklisted', ['0', '1', '1'], 1],
    ['HasOptedOutOfEmail', ['false'], 1],
    ['Email subscription status', ['Subscribed', 'Unsubscribed'], 1],
    ['Email Marketing Consent', ['SUBSCRIBED', 'UNSUBSCRIBED', 'NEVER_SUBSCRIBED'], 1],
    ['opt_in', ['1', '0'], 1],
    ['Status', ['active', 'unsubscribed', 'bounced'], 1],
    ['Unsubscribe reason', ['too many', '', 'other'], 0],
    ['Subscribed', ['no', 'no', ''], 0],
    ['Reason', ['BOUNCE', 'COMPLAINT'], 0],
  ])('counts the rows whose "%s" says that the person did not opt out', (column, values, contrary) => {
    expect(found(column, values)).toMatchObject([{ column, contrary }]);
  });

  it.each<[string, readonly string[]]>([
    ['First Name', ['true', 'false']],
    ['Unsubscribed from all email', ['true', 'true']],
    ['Unsubscribed at', Array.from({ length: 13 }, (_, index) => `2026-01-${index + 10}`)],
    ['ada@example.com status', ['true', 'false']],
  ])('finds no status in "%s"', (column, values) => {
    expect(found(column, values)).toEqual([]);
  });

  it('leaves out the columns whose meaning is known', () => {
    expect(found('Status', ['active', 'unsubscribed'], ['status '])).toEqual([]);
  });

  it('shows no addresses', () => {
    expect(found('Group', ['eve@example.com', 'bob@example.com', 'x'])).toMatchObject([
      { values: { '(an address)': 2, x: 1 } },
    ]);
  });
});

describe('contraryFault', () => {
  const columns = found('Opted out', ['yes', 'no']);

  it('says how to select the opt-outs', () => {
    expect(contraryFault(columns, [])).toBe(
      'by "Opted out", some rows are of people who did not opt out. Select the opt-outs with --only \'Opted out=<value>\', or add ' +
        '--all-rows',
    );
  });

  it('accepts rows that were selected by a status, and not those selected by something else', () => {
    expect(contraryFault(columns, conditionsOf(['Status=gone']))).toBeUndefined();
    expect(contraryFault(columns, conditionsOf(['Country=de']))).toBeDefined();
    expect(contraryFault(found('Opted out', ['yes']), [])).toBeUndefined();
  });
});
