import type { Writable } from 'node:stream';
import { isRekindleError } from '../domain/error-codes.ts';
import type { JsonObject } from '../domain/json.ts';
import type { Locale } from '../failures/index.ts';
import { maskJson } from '../secrets/mask-json.ts';
import { maskText } from '../secrets/mask-text.ts';
import { errorLines } from './render/error.ts';
import { type Texts, textsOf } from './texts.ts';

/** Time between two lines about progress in a log file or a pipe. */
const PLAIN_EVERY_MS = 5000;

/**
 * What a command tells its user. With `--json` people's lines are left out and one object is the last line. Whoever
 * says it, nothing is shown of credentials and tokens.
 */
export class Output {
  readonly json: boolean;
  readonly locale: Locale;
  readonly texts: Texts;
  readonly #out: Writable;
  readonly #err: Writable;
  #line: string | undefined;
  #plainAt: number | undefined;

  constructor(options: { json: boolean; locale: Locale; out?: Writable; err?: Writable }) {
    this.json = options.json;
    this.locale = options.locale;
    this.texts = textsOf(options.locale);
    this.#out = options.out ?? process.stdout;
    this.#err = options.err ?? process.stderr;
  }

  /** Whether a line on standard output can be drawn over. */
  get interactive(): boolean {
    return !this.json && 'isTTY' in this.#out && this.#out.isTTY === true;
  }

  /** A line for people. */
  line(text: string): void {
    if (this.json) return;
    this.#erase();
    this.#out.write(`${maskText(text)}\n`);
    this.#redraw();
  }

  /** A remark beside the result, e.g. what is being set up: to standard error, also with `--json`. */
  say(text: string): void {
    this.#erase();
    this.#err.write(`${maskText(text)}\n`);
    this.#redraw();
  }

  /** Draws a line that the next one replaces; where there is no terminal, prints one now and then. */
  status(text: string | undefined): void {
    if (!this.interactive) {
      this.#statusWithoutTerminal(text);
      return;
    }
    this.#erase();
    this.#line = text === undefined ? undefined : maskText(text);
    this.#redraw();
  }

  #statusWithoutTerminal(text: string | undefined): void {
    const now = performance.now();
    this.#plainAt ??= now;
    if (text === undefined || now - this.#plainAt < PLAIN_EVERY_MS) return;
    this.#plainAt = now;
    this.line(text);
  }

  /** The result: the object with `--json`, else the lines for people. */
  result(object: JsonObject, lines: readonly string[] = []): void {
    if (this.json) this.#out.write(`${JSON.stringify(maskJson(object))}\n`);
    else for (const text of lines) this.line(text);
  }

  /** What went wrong, and what to do about it. With `--json` the object says so too. */
  error(error: unknown): void {
    this.status(undefined);
    const message = maskText(error instanceof Error ? error.message : String(error));
    const hint = isRekindleError(error) && error.hint ? maskText(error.hint) : undefined;
    for (const line of errorLines(error, { message, hint }, this.locale)) this.#err.write(`${line}\n`);
    if (this.json) {
      const code = isRekindleError(error) ? error.code : null;
      this.#out.write(`${JSON.stringify({ error: { code, message, hint: hint ?? null } })}\n`);
    }
  }

  /** The command was ended by a signal. */
  interrupted(message = this.texts.interrupted): void {
    this.status(undefined);
    this.say(message);
    if (this.json) {
      const error = { code: 'INTERRUPTED', message, hint: null };
      this.#out.write(`${JSON.stringify({ error })}\n`);
    }
  }

  #erase(): void {
    if (this.#line !== undefined) this.#out.write('\r\x1b[2K');
  }

  #redraw(): void {
    if (this.#line !== undefined) this.#out.write(this.#line);
  }
}
