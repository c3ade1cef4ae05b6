import type { MeasuredTarget } from '../../report/index.ts';
import type { MonitoringTexts } from '../monitoring-texts.ts';
import { duration } from './amounts.ts';
import { table } from './table.ts';

/** The nine targets as lines for people: value against target, and how each is measured. */
export function targetLines(
  targets: readonly MeasuredTarget[],
  days: number,
  { targets: texts }: MonitoringTexts,
): string[] {
  const rows = targets.map((target) => [
    signOf(target),
    target.name,
    target.value === null ? texts.noData : measuredOf(target, texts),
    `${target.must === 'exceed' ? '>' : '<'} ${amount(target.target, target.unit)}`,
    String(target.samples),
    documentedOf(target, texts),
  ]);
  return [
    texts.heading(days),
    ...table([texts.columns, ...rows]),
    ...targets.map(({ name, definition }) => `  ${name}: ${definition}`),
  ];
}

function signOf({ met }: MeasuredTarget): string {
  return met === null ? '·' : met ? '✓' : '✗';
}

type Texts = MonitoringTexts['targets'];

function measuredOf({ id, unit, value, detail }: MeasuredTarget, texts: Texts): string {
  const said = amount(value ?? 0, unit);
  if (detail === null) return said;
  // The documented tries are of whole attempts.
  if (id === 'retry_success')
    return `${said} ${texts.beside(`${detail.toFixed(1)}${texts.units.measured_tries}`)}`;
  return `${said} ${texts.beside(besideOf(id, unit, detail, texts))}`;
}

function documentedOf({ id, unit, documented }: MeasuredTarget, texts: Texts): string {
  if (!documented) return '–';
  const said = amount(documented.value, unit);
  const { detail } = documented;
  return detail === undefined ? said : `${said} ${texts.beside(besideOf(id, unit, detail, texts))}`;
}

/** Mean seconds or mean tries beside a share, the longest beside a time. */
function besideOf(
  id: MeasuredTarget['id'],
  unit: MeasuredTarget['unit'],
  detail: number,
  { units }: Texts,
): string {
  if (unit === 'seconds') return amount(detail, unit);
  return `${detail.toFixed(1)}${id === 'retry_success' ? units.retry_success : units.resume_success}`;
}

function amount(value: number, unit: MeasuredTarget['unit']): string {
  // Rounded down, so that 99.996 % is not shown as a hundred.
  return unit === 'share' ? `${(Math.floor(value * 10_000 + 1e-6) / 100).toFixed(2)} %` : time(value);
}

/** `12.8 s`, `30 min`, `12:34`. */
function time(seconds: number): string {
  if (seconds < 60) return `${Math.round(10 * seconds) / 10} s`;
  return seconds < 3600 && seconds % 60 === 0 ? `${seconds / 60} min` : duration(1000 * seconds);
}
