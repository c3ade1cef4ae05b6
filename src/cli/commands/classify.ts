import { addAbortSignal, type Readable, type Writable } from 'node:stream';
import type { Classification } from '../../domain/failure.ts';
import { loadExtensions } from '../../extensions.ts';
import {
  type Classifier,
  categoryName,
  createClassifier,
  explain,
  shortMessage,
  suggestion,
} from '../../failures/index.ts';
import type { CommandAction } from '../command-spec.ts';
import type { CommandContext } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { table } from '../render/table.ts';

/** Of a line that is longer only so much is read, so that memory stays flat on any input. */
const LONGEST_LINE = 1_000_000;

/** Says what messages mean: those of the command line, or those on standard input. Starts no engine. */
export const run: CommandAction = async (context, messages) => {
  const classifier = createClassifier(await loadExtensions(context.config));
  if (messages.length > 0) classifyArguments(context, classifier, messages);
  else await classifyStream(context, classifier, process.stdout);
  return EXIT.ok;
};

function classifyArguments(
  { config, output }: CommandContext,
  classifier: Classifier,
  messages: readonly string[],
): void {
  for (const [i, message] of messages.entries()) {
    const said = classifier.classifyMessage(message);
    const name = categoryName(said.category, config.locale);
    const { field } = output.texts.classify;
    const rows = table([
      [field.category, `${said.category} (${name})`],
      [field.retryType, said.retryType ?? output.texts.classify.never],
      [field.rule, `${said.rule} (${said.confidence})`],
      [field.explanation, shortMessage(explain(said, config.locale))],
      [field.suggestion, suggestion(said, config.locale)],
    ]);
    const heading = [...(i > 0 ? [''] : []), printable(shortMessage(message))];
    output.result(asObject(said), [...heading, ...rows.map((row) => `  ${printable(row)}`)]);
  }
}

async function classifyStream(
  context: CommandContext,
  classifier: Classifier,
  out: Writable,
  input: Readable = process.stdin,
): Promise<void> {
  if (process.stdin.isTTY) context.output.say(context.output.texts.classify.reading);
  let unread = false;
  out.once('error', () => {
    unread = true;
  });
  for await (const lines of batchesOfLines(addAbortSignal(context.signal, input))) {
    const answers = lines.filter((line) => line.trim() !== '').map((line) => answerTo(classifier, line));
    if (answers.length > 0 && !out.write(answers.join(''))) await drained(out, context.signal);
    // Whoever read the answers is gone (`| head`); the input may have no end.
    if (unread) return;
  }
}

function answerTo(classifier: Classifier, line: string): string {
  const { message, taskType } = read(line);
  return `${JSON.stringify(asObject(classifier.classifyMessage(message, { taskType })))}\n`;
}

/** A JSON object with a `message`; any other line is the message itself. */
function read(line: string): { message: string; taskType?: string | undefined } {
  if (!line.trimStart().startsWith('{')) return { message: line };
  try {
    const { message, task_type: type } = JSON.parse(line) as Record<string, unknown>;
    if (typeof message === 'string')
      return { message, taskType: typeof type === 'string' ? type : undefined };
  } catch {
    // Text that only looks like JSON.
  }
  return { message: line };
}

function asObject({ category, retryType, rule, confidence, explanation }: Classification) {
  return { category, retry_type: retryType, rule, confidence, explanation };
}

/**
 * The lines of each piece of the input, as soon as the piece is there. Lines end with \n or \r\n only: JSON may hold
 * the other separators of Unicode.
 */
async function* batchesOfLines(input: AsyncIterable<Buffer>): AsyncGenerator<string[]> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const piece of input) {
    const lines = decoder.decode(piece, { stream: true }).split('\n');
    lines[0] = rest.length < LONGEST_LINE ? (rest + lines[0]).slice(0, LONGEST_LINE) : rest;
    rest = lines.pop() ?? '';
    if (lines.length > 0) yield lines;
  }
  rest += decoder.decode();
  if (rest !== '') yield [rest];
}

/** Resolves when more can be written, or when it never will be. */
async function drained(out: Writable, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = (): void => {
      for (const event of EVENTS) out.off(event, done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    for (const event of EVENTS) out.on(event, done);
    signal.addEventListener('abort', done);
  });
}

const EVENTS = ['drain', 'error', 'close'] as const;

/** Without what a terminal would take as a command. */
function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, '\ufffd');
}
