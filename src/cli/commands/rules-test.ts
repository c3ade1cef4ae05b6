import { readFile } from 'node:fs/promises';
import { RekindleError } from '../../domain/error-codes.ts';
import { isPlainObject, type JsonObject } from '../../domain/json.ts';
import {
  BackTest,
  type BackTestResult,
  type CustomRule,
  customRules,
  type RuleTrial,
  rulesSchema,
} from '../../failures/index.ts';
import { withFailureRows } from '../../mirror/index.ts';
import type { CommandAction } from '../command-spec.ts';
import type { GlobalOptions } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { type MonitoringTexts, monitoringTexts } from '../monitoring-texts.ts';
import { withMirror } from '../read-mirror.ts';
import { oneLine } from '../render/report.ts';
import { table } from '../render/table.ts';
import { sinceOf } from '../since.ts';

interface RulesTestOptions extends GlobalOptions {
  readonly since?: string;
}

const SHOWN = 30;

/** Tries rules of the user's own on past failures of the mirror. Changes nothing, needs nothing running. */
export const run: CommandAction<RulesTestOptions> = async (context, [file = ''], { since = '30d' }) => {
  const { config, output, signal } = context;
  const sinceMs = sinceOf(since);
  const test = new BackTest(await rulesOf(file));
  await withMirror(context, (mirror) =>
    withFailureRows(mirror, sinceMs, Date.now(), (rows) => {
      signal.throwIfAborted();
      for (const row of rows) test.add(row);
    }),
  );
  const result = test.result();
  output.result(result as unknown as JsonObject, linesOf(result, monitoringTexts(config.locale)));
  return EXIT.ok;
};

/** @throws {RekindleError} INVALID_CONFIG with all problems at once. */
async function rulesOf(file: string): Promise<CustomRule[]> {
  const parsed = rulesSchema.safeParse(listIn(await parsedFile(file)));
  if (parsed.success) return customRules(parsed.data);
  throw invalid(
    file,
    parsed.error.issues.map(({ path, message }) => `${placeOf(path)}: ${message}`),
  );
}

/** A list, or a file that has it under `rules` or, as the configuration does, `failure.rules`. */
function listIn(value: unknown): unknown {
  if (!isPlainObject(value)) return value;
  const { failure } = value;
  return value.rules ?? (isPlainObject(failure) ? failure.rules : undefined);
}

async function parsedFile(file: string): Promise<unknown> {
  const { parseDocument } = await import('yaml');
  const text = await readFile(file, 'utf8').catch((error: Error) => {
    throw new RekindleError('INVALID_INPUT', `${file} cannot be read: ${error.message}`, {
      hint: 'Name a file of rules, in YAML or JSON.',
    });
  });
  const document = parseDocument(text, { prettyErrors: true });
  if (document.errors.length === 0) return document.toJS();
  throw invalid(
    file,
    document.errors.map(({ message }) => (message.split('\n')[0] ?? '').replace(/:$/, '')),
  );
}

/** `rule 2, patterns 1`; people count from 1. */
function placeOf(path: readonly PropertyKey[]): string {
  const [first, ...rest] = path;
  if (typeof first !== 'number') return 'the rules';
  const parts = rest.map((part) => (typeof part === 'number' ? ` ${part + 1}` : `, ${String(part)}`));
  return `rule ${first + 1}${parts.join('')}`;
}

function invalid(file: string, problems: readonly string[]): RekindleError {
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
  const list = problems.map((problem) => `  - ${problem}`).join('\n');
  return new RekindleError('INVALID_CONFIG', `${file} has ${count}:\n${list}`, {
    hint: 'Correct what is listed. A rule has category, and patterns or codes or both; it may have id, task_types, retry_type, suggestion.',
  });
}

function linesOf({ failures, changed, changes, rules }: BackTestResult, texts: MonitoringTexts): string[] {
  const { rules: labels, report } = texts;
  const rows = changes
    .slice(0, SHOWN)
    .map(({ count, from, to, rule, fingerprint, sample }) => [
      String(count),
      from,
      to,
      rule,
      fingerprint || '–',
      oneLine(sample),
    ]);
  const left = changes.length - rows.length;
  return [
    failures === 0 ? labels.noFailures : labels.summary(failures, changed),
    ...(rows.length > 0 ? table([labels.columns, ...rows]) : []),
    ...(left > 0 ? [report.more(left)] : []),
    '',
    ...table([labels.ruleColumns, ...rules.map((trial) => trialRow(trial, texts))]),
  ];
}

function trialRow({ rule, category, matched, decided, shadowed_by }: RuleTrial, texts: MonitoringTexts) {
  const by = shadowed_by.join(', ');
  const { matchesNothing, shadowed, partly } = texts.rules;
  const remark = matched === 0 ? matchesNothing : decided === 0 ? shadowed(by) : by ? partly(by) : '';
  return [rule, category, String(matched), String(decided), remark];
}
