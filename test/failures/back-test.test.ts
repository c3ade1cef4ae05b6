import { describe, expect, test } from 'vitest';
import { BackTest, type CustomRule, type PastFailure } from '../../src/failures/index.ts';

const past = (message: string, changes: Partial<PastFailure> = {}): PastFailure => ({
  taskType: 'tracking_update',
  category: 'unknown',
  rule: 'unknown',
  message,
  fingerprint: 'f1',
  ...changes,
});

function tryOn(failures: readonly PastFailure[], ...rules: CustomRule[]) {
  const test = new BackTest(rules);
  for (const failure of failures) test.add(failure);
  return test.result();
}

const maintenance: CustomRule = {
  id: 'maintenance',
  category: 'recoverable_temporary',
  patterns: ['courier.*maintenance'],
};

describe('a back-test of rules', () => {
  test('groups what would change by message, old and new category, the most frequent first', () => {
    const result = tryOn(
      [
        past('courier SF in maintenance', { fingerprint: 'sf' }),
        past('courier YT in maintenance', { fingerprint: 'yt' }),
        past('courier YT in maintenance again', { fingerprint: 'yt' }),
        past('courier JD in maintenance', { category: 'recoverable_temporary' }),
        past('something else'),
      ],
      maintenance,
    );
    expect(result).toMatchObject({ failures: 5, changed: 3 });
    const common = { from: 'unknown', to: 'recoverable_temporary', rule: 'custom.maintenance' };
    expect(result.changes).toEqual([
      { ...common, fingerprint: 'yt', count: 2, sample: 'courier YT in maintenance' },
      { ...common, fingerprint: 'sf', count: 1, sample: 'courier SF in maintenance' },
    ]);
    expect(result.rules).toEqual([
      {
        rule: 'custom.maintenance',
        category: 'recoverable_temporary',
        matched: 4,
        decided: 4,
        shadowed_by: [],
      },
    ]);
  });

  test('finds rules that match nothing and rules that an earlier one shadows', () => {
    const { rules } = tryOn(
      [past('courier SF in maintenance'), past('courier closed')],
      { id: 'all', category: 'unrecoverable_business', patterns: ['courier'] },
      maintenance,
      { id: 'never', category: 'unrecoverable_data', patterns: ['no such words'] },
    );
    expect(rules.map(({ matched, decided, shadowed_by }) => [matched, decided, shadowed_by])).toEqual([
      [2, 2, []],
      [1, 0, ['custom.all']],
      [0, 0, []],
    ]);
  });

  test('asks task types, and the code that decided then', () => {
    const { changes } = tryOn(
      [
        past('no route', { rule: 'code.EHOSTUNREACH', category: 'recoverable_network' }),
        past('courier in maintenance', { taskType: 'login' }),
      ],
      { id: 'route', category: 'unrecoverable_config', codes: ['EHOSTUNREACH'] },
      { ...maintenance, taskTypes: ['tracking_update'] },
    );
    expect(changes.map(({ rule, to }) => [rule, to])).toEqual([['custom.route', 'unrecoverable_config']]);
  });

  test('a failure that a rule decided which is no more falls back to the built-in ones', () => {
    const was = past('read ECONNRESET', { rule: 'custom.gone', category: 'unrecoverable_data' });
    expect(tryOn([was], maintenance).changes).toMatchObject([
      { from: 'unrecoverable_data', to: 'recoverable_network', rule: 'built-in' },
    ]);
  });
});
