import { expect, test } from 'vitest';
import { alertValue } from '../../src/cli/render/alert-value.ts';

test('rates are shown in percent, what is counted as a number, what is not known as a dash', () => {
  expect(alertValue('failure_rate', 12.345)).toBe('12.3 %');
  expect(alertValue('recovery_rate', 0.8)).toBe('80 %');
  expect(alertValue('unknown_errors', 10)).toBe('10');
  expect(alertValue('failure_rate', null)).toBe('–');
});
