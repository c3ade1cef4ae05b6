import { isPlainObject, type JsonObject } from '../../domain/json.ts';
import type { StoredReport } from '../../report/index.ts';
import type { MonitoringTexts } from '../monitoring-texts.ts';
import { table } from './table.ts';

/** Rows of a list that people are shown. */
const SHOWN = 20;
const WIDEST_MESSAGE = 100;

/** A report as lines for people. It may be another version's: what is missing is left out. */
export function reportLines({ name, kind, report }: StoredReport, texts: MonitoringTexts): string[] {
  const lines = kind === 'failure_processing' ? processingLines : analysisLines;
  return [name, ...lines(report, texts)];
}

function processingLines(report: JsonObject, { report: texts }: MonitoringTexts): string[] {
  const labels = texts.processing;
  const stats = objectOf(report.stats);
  const errors = objectsOf(stats.errors);
  const facts = [
    [labels.processedAt, shown(report.processed_at)],
    ...(['scanned', 'analyzed', 'recovered', 'notified'] as const).map((key) => [
      labels[key],
      shown(stats[key]),
    ]),
    [labels.errors, String(errors.length)],
  ];
  const results = objectsOf(report.results).map((one) =>
    [one.task_id, one.category, one.action_taken, one.message].map(shown),
  );
  return [
    shown(report.message),
    ...table(facts).map(indented),
    ...listed([labels.columns, ...results], texts.more),
    ...errors.slice(0, SHOWN).map((one) => `  ✗ ${shown(one.task_id)}: ${shown(one.error)}`),
  ];
}

function analysisLines(report: JsonObject, { report: texts }: MonitoringTexts): string[] {
  const labels = texts.analysis;
  const trend = objectOf(report.trend);
  const facts = [
    [labels.period, shown(report.analysis_period)],
    [labels.total, shown(report.total_failures)],
    [labels.before, shown(trend.previous)],
  ];
  const groups = objectsOf(report.groups).map((one) =>
    [one.count, one.category, one.fingerprint, one.template].map(shown),
  );
  const hosts = objectsOf(report.top_hosts).map((one) => [shown(one.count), shown(one.host)]);
  const bursts = objectsOf(report.bursts).map((one) =>
    labels.burst(shown(one.from), Number(one.count), shown(one.main_category)),
  );
  const unknown = objectsOf(objectOf(report.unknown_errors).groups);
  return [
    ...table(facts).map(indented),
    ...section(labels.categories, countRows(report.category_distribution)),
    ...section(labels.types, countRows(report.task_type_failures)),
    ...[...textsOf(report.insights), ...textsOf(report.further_insights)].map((line) => `• ${line}`),
    ...(groups.length > 0 ? listed([labels.groups, ...groups], texts.more) : []),
    ...section(labels.hosts, table(hosts)),
    ...section(labels.bursts, bursts.slice(0, SHOWN)),
    ...section(
      labels.unknown,
      unknown.slice(0, SHOWN).flatMap((one) => unknownLines(one, labels.noRule)),
    ),
  ];
}

function unknownLines(group: JsonObject, noRule: string): string[] {
  const { proposed_rule: rule } = group;
  const said = isPlainObject(rule) ? JSON.stringify(rule) : noRule;
  return [`${shown(group.count)} × ${shown(group.template)}`, `    ${said}`];
}

function countRows(counts: unknown): string[] {
  return table(Object.entries(objectOf(counts)).map(([name, n]) => [shown(n), name]));
}

function section(heading: string, lines: readonly string[]): string[] {
  return lines.length > 0 ? [heading, ...lines.map(indented)] : [];
}

/** A table with its head, and how many rows are left out. */
function listed(rows: readonly (readonly string[])[], more: (count: number) => string): string[] {
  const left = rows.length - 1 - SHOWN;
  return [...table(rows.slice(0, SHOWN + 1)).map(indented), ...(left > 0 ? [indented(more(left))] : [])];
}

const indented = (line: string): string => `  ${line}`;

/** One line that a terminal can show, whatever the file has. */
function shown(value: unknown): string {
  const text =
    value === null || value === undefined
      ? '–'
      : typeof value === 'object'
        ? JSON.stringify(value)
        : String(value);
  return oneLine(text);
}

/** Without what a terminal would take as a command, and not longer than people read in a table. */
export function oneLine(text: string): string {
  const line = wholeLine(text);
  return line.length > WIDEST_MESSAGE ? `${line.slice(0, WIDEST_MESSAGE - 1)}…` : line;
}

/** The same, however long: what people are to copy, or to read to its end. */
export function wholeLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();
}

function objectOf(value: unknown): JsonObject {
  return isPlainObject(value) ? (value as JsonObject) : {};
}

function objectsOf(value: unknown): JsonObject[] {
  return Array.isArray(value) ? (value.filter((one) => isPlainObject(one)) as JsonObject[]) : [];
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string').map(shown) : [];
}
