import type { RetryStatistics } from '../../mirror/index.ts';
import type { MaintenanceTexts } from '../maintenance-texts.ts';
import { table } from './table.ts';

/** How retries inside tasks went, as lines for people. */
export function retryLines(
  { steps, by_type }: RetryStatistics,
  days: number,
  { retries: texts }: MaintenanceTexts,
): string[] {
  const rows = Object.entries(by_type).map(([type, { attempts, exhausted }]) => [
    `  ${type}`,
    String(attempts),
    String(exhausted),
  ]);
  return [texts.heading(days), texts.steps(steps.total, steps.good), ...table([texts.columns, ...rows])];
}
