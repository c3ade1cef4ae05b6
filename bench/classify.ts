/** Benchmark of the classifier: accuracy on labelled messages, speed, and the worst time over hostile inputs. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { FAILURE_CATEGORIES } from '../src/domain/category.ts';
import { classifyMessage } from '../src/failures/index.ts';

interface Row {
  readonly message: string;
  readonly label: string;
}

const DEFAULT_CORPUS = fileURLToPath(new URL('../../shared/corpus/errors-dev.jsonl', import.meta.url));
const SPEED_ROUNDS_MS = 1500;

/**
 * Prints accuracy, precision and recall per category, the confusion table, messages per second and the worst time.
 * @param args path of a JSON-lines file with `message` and `label`. @default ../shared/corpus/errors-dev.jsonl
 */
export async function run(args: string[]): Promise<void> {
  const file = args[0] ?? DEFAULT_CORPUS;
  if (!existsSync(file)) {
    console.log(
      `classify: no labelled messages at ${file}; give the path of a JSON-lines file with "message" and "label".`,
    );
    process.exitCode = 1;
    return;
  }
  const rows = readRows(file);
  printAccuracy(rows);
  printSpeed(rows);
  printWorst();
}

function readRows(file: string): Row[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as Row);
}

function printAccuracy(rows: readonly Row[]): void {
  const table = new Map<string, Map<string, number>>();
  for (const { message, label } of rows) {
    const { category } = classifyMessage(message);
    const counts = table.get(label) ?? new Map<string, number>();
    counts.set(category, (counts.get(category) ?? 0) + 1);
    table.set(label, counts);
  }
  const count = (label: string, category: string) => table.get(label)?.get(category) ?? 0;
  const right = FAILURE_CATEGORIES.reduce((sum, one) => sum + count(one, one), 0);
  console.log(`accuracy ${percent(right, rows.length)} (${right} of ${rows.length})\n`);
  console.log(
    `${'category'.padEnd(24)}precision  recall   said as: ${FAILURE_CATEGORIES.map(short).join(' ')}`,
  );
  for (const label of FAILURE_CATEGORIES) {
    const cells = FAILURE_CATEGORIES.map((category) => count(label, category));
    const said = FAILURE_CATEGORIES.reduce((sum, other) => sum + count(other, label), 0);
    const all = cells.reduce((sum, cell) => sum + cell, 0);
    const figures = cells.map((cell, i) => String(cell).padStart(short(FAILURE_CATEGORIES[i] ?? '').length));
    console.log(
      `${label.padEnd(24)}${percent(count(label, label), said).padStart(9)}${percent(count(label, label), all).padStart(8)}            ${figures.join(' ')}`,
    );
  }
}

const short = (category: string): string => category.replace(/^(?:un)?recoverable_/, '');
const percent = (part: number, all: number): string =>
  all === 0 ? '–' : `${((100 * part) / all).toFixed(1)} %`;

function printSpeed(rows: readonly Row[]): void {
  const characters = rows.reduce((sum, row) => sum + row.message.length, 0);
  let done = 0;
  for (let round = 0; round < 50; round++) for (const row of rows) classifyMessage(row.message);
  const start = threadMs();
  while (threadMs() - start < SPEED_ROUNDS_MS) {
    for (const row of rows) classifyMessage(row.message);
    done += rows.length;
  }
  const seconds = (threadMs() - start) / 1000;
  const length = Math.round(characters / rows.length);
  console.log(
    `\n${Math.round(done / seconds).toLocaleString('en')} messages/s on one core (${length} characters on average)`,
  );
}

/** CPU time of this thread in ms: what other processes take from the core does not count. */
function threadMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** The median of many rounds: single rounds also show what other processes take from the core. */
function printWorst(): void {
  let worst = { name: '', ms: 0 };
  for (const [name, text] of hostileTexts()) {
    const times = Array.from({ length: 31 }, () => {
      const start = performance.now();
      classifyMessage(text);
      return performance.now() - start;
    }).sort((a, b) => a - b);
    const ms = times[15] ?? 0;
    if (ms > worst.ms) worst = { name, ms };
  }
  console.log(`worst time ${worst.ms.toFixed(2)} ms (${worst.name}; 1 MB each, median of 31 rounds)`);
}

/** Texts of 1 MB made to be slow. */
export function hostileTexts(): [string, string][] {
  const MB = 1_000_000;
  const fill = (piece: string) => piece.repeat(Math.ceil(MB / piece.length)).slice(0, MB);
  return [
    ['one letter', fill('a')],
    ['spaces', fill(' ')],
    ['newlines', fill('\n')],
    ['starts of a documented pattern', fill('connection ')],
    ['starts of it on many lines', fill('null value in\n')],
    ['open brackets', fill('[(<{')],
    ['nested causes', fill('Caused by: x\n')],
    ['nested details', `${fill('{"error_message":"')}`],
    ['Chinese characters', fill('不支持的快递公司')],
    ['numbers', fill('HTTP 503 error code 404 (2003, ')],
    ['dots', fill('a.b.c.')],
    ['distinct words', Array.from({ length: 120_000 }, (_, i) => `w${(i * 7919).toString(36)}`).join(' ')],
    ['camel case', fill('aB')],
    ['slashes', fill('/a')],
    ['html', `<html><title>${fill('<title>')}`],
    ['retry after', fill('retry after ')],
    ['line separators', fill('\u2028\u2029')],
  ];
}

if (import.meta.main) await run(process.argv.slice(2));
