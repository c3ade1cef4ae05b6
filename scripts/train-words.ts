/**
 * Learns `src/failures/text/word-weights.ts`: how much words, Chinese characters, ideas and pairs of them speak for each category.
 * Multinomial logistic regression over the labelled messages of `test/failures/` (and `../shared/corpus/` where it is),
 * the same table every time.
 *
 *     node scripts/train-words.ts           writes the table
 *     node scripts/train-words.ts check     leaves one file out after the other, and prints what the rest makes of it
 */
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { unwrapDetails } from '../src/failures/json-details.ts';
import { CATEGORY } from '../src/failures/rules/meaning.ts';
import { ideaName } from '../src/failures/text/lexicon.ts';
import { gather } from '../src/failures/text/read-text.ts';
import { windowOf } from '../src/failures/text/window.ts';
import { visitFeatures } from '../src/failures/text/word-features.ts';
import { COLUMNS } from '../src/failures/text/word-table.ts';

interface Example {
  readonly file: string;
  readonly features: readonly string[];
  readonly column: number;
}

interface Model {
  readonly weights: ReadonlyMap<string, Float64Array>;
  readonly bias: Float64Array;
}

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const TABLE = fileURLToPath(new URL('../src/failures/text/word-weights.ts', import.meta.url));
const DEVELOPMENT = fileURLToPath(new URL('../../shared/corpus/errors-dev.jsonl', import.meta.url));
const ROUNDS = 25;
const RATE = 0.3;
const DECAY = 1e-3;
/** A feature that fewer messages have is chance. */
const LEAST_MESSAGES = 2;
/** Weights are stored as whole numbers. */
const SCALE = 20;

function readExamples(): Example[] {
  const files = globSync('test/failures/{held-out*,learnt}.jsonl', { cwd: ROOT })
    .sort()
    .map((file) => `${ROOT}/${file}`);
  if (existsSync(DEVELOPMENT)) files.push(DEVELOPMENT);
  return files.flatMap((file) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const { message, label } = JSON.parse(line) as { message: string; label: string };
        const column = COLUMNS.findIndex((kind) => (kind === 'unknown' ? kind : CATEGORY[kind]) === label);
        return { file, features: featuresOf(message), column };
      }),
  );
}

/** The names of everything that the classifier would see in a message. */
function featuresOf(message: string): string[] {
  const features = new Set<string>();
  const { layers } = gather(windowOf(unwrapDetails(message)).replaceAll('\r', ''));
  visitFeatures(layers, {
    word(word, before) {
      if (word.stem !== '') features.add(word.stem);
      if (before) features.add(`${before.text}+${word.text}`);
    },
    chinese(first, second) {
      features.add(String.fromCharCode(first));
      if (second !== 0) features.add(String.fromCharCode(first, second));
    },
    idea: (idea) => void features.add(ideaName(idea)),
    ideas: (a, b) => void features.add(`${ideaName(a)}+${ideaName(b)}`),
    signal: (name) => void features.add(name),
  });
  return [...features];
}

/** AdaGrad on the logistic loss, in an order that is mixed but always the same. */
export function train(examples: readonly Example[]): Model {
  const counts = new Map<string, number>();
  for (const name of examples.flatMap((one) => one.features)) counts.set(name, (counts.get(name) ?? 0) + 1);
  const known = [...counts].filter(([, count]) => count >= LEAST_MESSAGES).map(([name]) => name);
  const weights = new Map(known.map((name) => [name, new Float64Array(COLUMNS.length)]));
  const squares = new Map(known.map((name) => [name, new Float64Array(COLUMNS.length)]));
  const bias = new Float64Array(COLUMNS.length);
  const random = mixer();
  for (let round = 0; round < ROUNDS; round++) {
    for (const example of shuffled(examples, random)) {
      const names = example.features.filter((name) => weights.has(name));
      const shares = predict({ weights, bias }, names);
      const factor = 1 / Math.sqrt(names.length || 1);
      for (let k = 0; k < COLUMNS.length; k++) {
        const slope = (shares[k] ?? 0) - (k === example.column ? 1 : 0);
        bias[k] = (bias[k] ?? 0) - 0.02 * slope;
        for (const name of names) {
          const row = weights.get(name) as Float64Array;
          const sum = squares.get(name) as Float64Array;
          const step = slope * factor + DECAY * (row[k] ?? 0);
          sum[k] = (sum[k] ?? 0) + step * step;
          row[k] = (row[k] ?? 0) - (RATE * step) / Math.sqrt((sum[k] ?? 0) + 0.01);
        }
      }
    }
  }
  return { weights, bias };
}

function predict({ weights, bias }: Model, features: readonly string[]): number[] {
  const rows = features.flatMap((name) => weights.get(name) ?? []);
  const factor = 1 / Math.sqrt(rows.length || 1);
  const scores = Array.from(bias, (start, k) =>
    rows.reduce((sum, row) => sum + (row[k] ?? 0) * factor, start),
  );
  const most = Math.max(...scores);
  const powers = scores.map((score) => Math.exp(score - most));
  const all = powers.reduce((sum, power) => sum + power, 0);
  return powers.map((power) => power / all);
}

/** The same numbers from 0 to 1 every time. */
function mixer(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return state / 0x80000000;
  };
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const mixed = [...items];
  for (let i = mixed.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [mixed[i], mixed[j]] = [mixed[j] as T, mixed[i] as T];
  }
  return mixed;
}

function write({ weights, bias }: Model, count: number): void {
  const lines = [...weights]
    .map(([name, row]) => [name, Array.from(row, (one) => Math.round(one * SCALE))] as const)
    .filter(([, row]) => row.some((one) => Math.abs(one) > 1))
    .map(([name, row]) => `${name} ${row.join(' ')}`)
    .sort();
  const text = `/**
 * Learnt from ${count.toLocaleString('en')} labelled messages by scripts/train-words.ts; not written by hand. Of each word (without its
 * ending), pair of words, Chinese character or two, idea, pair of ideas of one sentence, and code (\`@\`): what it counts for
 * network, system, temporary, data, config, business and unknown, in parts of {@link WORD_SCALE}.
 */
export const WORD_WEIGHTS = \`
${lines.join('\n').replaceAll('\\', '\\\\').replaceAll('`', '\\`').replaceAll('${', '\\${')}
\`;
export const WORD_SCALE = ${SCALE};
export const WORD_BIAS: readonly number[] = [${Array.from(bias, (one) => one.toFixed(2)).join(', ')}];
`;
  writeFileSync(TABLE, text);
  console.log(`${lines.length} rows from ${count} messages`);
}

/** The honest figure: each file by a table that has not seen it. */
function check(examples: readonly Example[]): void {
  let right = 0;
  for (const file of new Set(examples.map((one) => one.file))) {
    const model = train(examples.filter((one) => one.file !== file));
    const own = examples.filter((one) => one.file === file);
    const good = own.filter(({ features, column }) => {
      const shares = predict(model, features);
      return shares.indexOf(Math.max(...shares)) === column;
    }).length;
    right += good;
    console.log(`${file.slice(file.lastIndexOf('/') + 1).padEnd(24)} ${good} of ${own.length}`);
  }
  console.log(`together ${right} of ${examples.length}`);
}

if (import.meta.main) {
  const examples = readExamples();
  if (process.argv[2] === 'check') check(examples);
  else write(train(examples), examples.length);
}
