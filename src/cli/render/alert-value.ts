import type { AlertName } from '../../monitoring/index.ts';

/** A value or threshold of an alert as people read it: rates in percent; what is counted, and minutes, as numbers. */
export function alertValue(name: AlertName, value: number | null): string {
  if (value === null) return '–';
  if (name === 'failure_rate') return percent(value);
  return name === 'recovery_rate' ? percent(100 * value) : String(value);
}

/** One decimal where there is one. */
function percent(value: number): string {
  return `${Math.round(10 * value) / 10} %`;
}
