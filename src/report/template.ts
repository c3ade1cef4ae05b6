import { PLACEHOLDERS, readChunk } from './chunk.ts';

/** Characters of a message that are read; a failure's kept message has at most 500 (src/failures/short-message.ts). */
const LONGEST_MESSAGE = 2000;
/** Characters of a template; what follows seldom tells two messages apart. */
export const LONGEST_TEMPLATE = 400;

/** A message without what differs from one failure to the next. */
export interface MessageTemplate {
  readonly template: string;
  /** The first host that the message names, without port. */
  readonly host: string | undefined;
}

/**
 * Masks the variable parts of a message in one pass over it: numbers, ids, paths, addresses, times, quoted values. As
 * with Drain (He et al., 2017) two messages of one origin become the same text; unlike Drain there is no tree that
 * learns, so a message's template never depends on the messages before it. A template is its own template.
 */
export function templateOf(message: string): MessageTemplate {
  return new TemplateReader(narrow(message.slice(0, LONGEST_MESSAGE))).read();
}

const OTHER = 0;
const WORD = 1;
const JOINER = 2;
const BLANK = 3;
const QUOTE = 4;
const HAN = 5;
/** What each ASCII character is. */
const KINDS = Uint8Array.from({ length: 128 }, (_, c) => {
  const char = String.fromCharCode(c);
  if (/\w/.test(char)) return WORD;
  if (/[.\-:/\\@+~]/.test(char)) return JOINER;
  if (c <= 32 || c === 127) return BLANK;
  return /["'`]/.test(char) ? QUOTE : OTHER;
});

const CLOSING: Readonly<Record<string, string>> = {
  '"': '"',
  "'": "'",
  '`': '`',
  '“': '”',
  '‘': '’',
  '「': '」',
  '『': '』',
  '《': '》',
  '«': '»',
};
const WIDE_QUOTES = /[“‘「『《«]/;
const WIDE_BLANK = /\s/;
const PLACEHOLDER_AT = new RegExp(PLACEHOLDERS.join('|'), 'y');
/** Where an address ends: blanks, quotes, brackets, and everything that is not ASCII. */
const URL_REST = /[!#$%&*+,\-./:;=?@\\^_|~\w]*/y;
const TRAILING = '.:,;!?+~@-';
const HOSTLIKE = /^[^\s/]*[.:][^\s]*$/;
const KEY_CONTENT = /^[A-Za-z_][\w.-]{0,40}$/;
const KEY_BEFORE = /[{,]\s*$/;
/** Names whose quoted value is the message itself and is read on: JSON error details, gRPC's `details = "…"`. */
const MESSAGE_KEY_BEFORE =
  /(?:error|err|message|msg|details?|reason|description|cause|type|code|name|status|title|错误|原因|消息|信息)["'”]?\s*[:=：]\s*$/i;
/** A quoted sentence is read on, as in MySQL's `(1142, "INSERT command denied to user 'few'")`. */
const SENTENCE =
  /^[A-Za-z]{1,15}(?:['-][A-Za-z]{1,9})?\s+[A-Za-z]{1,15}(?:['-][A-Za-z]{1,9})?\s+(?:[A-Za-z]{1,15}\s|['"`“‘<])/;
/** What stands before a host name that could be taken for a word. */
const HOST_BEFORE = /(?:ENOTFOUND|EAI_AGAIN|主机)\s{0,4}$/;
const HOST_SHAPE = /^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/;
/** The one number that says what happened: an HTTP status keeps its digits. */
const STATUS = /^[1-5]\d\d$/;
const STATUS_BEFORE =
  /(?:status(?:[ _-]?code)?|http(?:\/\d(?:\.\d)?)?(?: ?error)?|response code|状态码|响应码)["'”]?[\s:：=(（]{0,4}$/i;
const LOOK_BACK = 40;
const LOOK_AHEAD = 64;

class TemplateReader {
  readonly #text: string;
  #at = 0;
  #out = '';
  #blank = false;
  #full = false;
  /** A word or placeholder ends here without a blank: what follows is the rest of it. */
  #glued = false;
  /** The quote that ends a value which is read on. */
  #openQuote = '';
  #host: string | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  read(): MessageTemplate {
    while (this.#at < this.#text.length && !this.#full) this.#next();
    return { template: this.#out, host: this.#host };
  }

  #next(): void {
    const code = this.#text.charCodeAt(this.#at);
    const kind = code < 128 ? (KINDS[code] as number) : this.#wideKind();
    if (kind === WORD || (kind === JOINER && this.#startsChunk(code))) this.#chunk();
    else if (kind === BLANK) this.#blankAt();
    else if (kind === HAN) this.#han();
    else if (kind === QUOTE) this.#quote();
    else if (code === LESS_THAN) this.#lessThan();
    else this.#literal(kind === JOINER ? this.#glued : code === GREATER_THAN);
  }

  #wideKind(): number {
    if (isHan(this.#text.charCodeAt(this.#at))) return HAN;
    const char = this.#text.charAt(this.#at);
    if (WIDE_QUOTES.test(char)) return QUOTE;
    return WIDE_BLANK.test(char) ? BLANK : OTHER;
  }

  /** A run of Chinese characters; cut when it is longer than the template may be. */
  #han(): void {
    let end = this.#at + 1;
    while (end < this.#text.length && isHan(this.#text.charCodeAt(end))) end++;
    end = Math.min(end, this.#at + Math.max(1, LONGEST_TEMPLATE - this.#out.length - 1));
    this.#emit(this.#text.slice(this.#at, end), end);
    this.#glued = false;
  }

  #blankAt(): void {
    this.#at++;
    this.#blank = this.#out !== '';
    this.#glued = false;
  }

  /** A path, or a number's sign, which is left out. */
  #startsChunk(code: number): boolean {
    const next = this.#text.charCodeAt(this.#at + 1);
    if (code === MINUS || code === PLUS) {
      if (this.#glued || !isDigit(next)) return false;
      this.#at++;
      return true;
    }
    if (code === SLASH) return isWord(next);
    if (code === BACKSLASH) return next === BACKSLASH && isWord(this.#text.charCodeAt(this.#at + 2));
    if (code === TILDE) return next === SLASH;
    return (
      code === DOT && (next === SLASH || (next === DOT && this.#text.charCodeAt(this.#at + 2) === SLASH))
    );
  }

  #chunk(): void {
    const start = this.#at;
    let end = start;
    /** Where letters and hyphens end. */
    let plainEnd = -1;
    for (; end < this.#text.length; end++) {
      const code = this.#text.charCodeAt(end);
      const kind = code < 128 ? KINDS[code] : OTHER;
      if (kind === JOINER ? code === MINUS : kind === WORD && !isDigit(code)) continue;
      if (plainEnd < 0) plainEnd = end;
      if (kind !== WORD && kind !== JOINER && !this.#isInNumber(code, end)) break;
    }
    if (plainEnd < 0) plainEnd = end;
    const isPlain = plainEnd === end || (plainEnd === end - 1 && this.#endsWord(plainEnd));
    if (isPlain && plainEnd > start && plainEnd - start <= LONGEST_PLAIN) {
      this.#emit(this.#text.slice(start, plainEnd), plainEnd);
    } else this.#readChunk(start, end);
  }

  /** A comma between digits. */
  #isInNumber(code: number, at: number): boolean {
    return code === COMMA && isDigit(this.#text.charCodeAt(at - 1)) && isDigit(this.#text.charCodeAt(at + 1));
  }

  /** A colon or full stop that belongs to the sentence. */
  #endsWord(at: number): boolean {
    const code = this.#text.charCodeAt(at);
    return code === COLON || code === DOT;
  }

  #readChunk(start: number, end: number): void {
    let chunk = this.#text.slice(start, end);
    if (chunk.includes('://')) {
      URL_REST.lastIndex = end;
      chunk += URL_REST.exec(this.#text)?.[0] ?? '';
    }
    chunk = withoutTrailing(chunk);
    if (STATUS.test(chunk) && STATUS_BEFORE.test(this.#before())) {
      this.#emit(chunk, start + chunk.length);
      return;
    }
    const glued = this.#glued || this.#placeholderAt(end) !== undefined;
    if (!glued && HOST_SHAPE.test(chunk) && HOST_BEFORE.test(this.#before())) {
      this.#host ??= chunk;
      this.#emit('<host>', start + chunk.length);
      return;
    }
    const { text, host } = readChunk(chunk, glued);
    this.#host ??= host;
    this.#emit(text, start + chunk.length);
  }

  #quote(): void {
    const open = this.#text.charAt(this.#at);
    const closing = CLOSING[open] as string;
    if (open === this.#openQuote) {
      this.#openQuote = '';
      this.#literal(true);
      return;
    }
    if (open === closing && this.#isApostrophe()) {
      this.#literal(false);
      return;
    }
    if (this.#isReadOn(closing)) {
      this.#openQuote = closing;
      this.#literal(false);
      return;
    }
    const end = this.#text.indexOf(closing, this.#at + 1);
    if (end < 0) this.#literal(false);
    else if (this.#isKey(end)) this.#emit(this.#text.slice(this.#at, end + 1), end + 1);
    else this.#value(end);
  }

  /** Right after a word; `user:'x'` and `@'x'` are values. */
  #isApostrophe(): boolean {
    return this.#glued && !this.#out.endsWith('@') && !this.#out.endsWith(':');
  }

  #value(end: number): void {
    const value = this.#text.slice(this.#at + 1, end);
    if (this.#host === undefined && HOSTLIKE.test(value)) this.#host = readChunk(value, false).host;
    this.#emit('<str>', end + 1);
  }

  /** Whether the quoted text is the message: the value of a key like `message`, or all there is. */
  #isReadOn(closing: string): boolean {
    if (this.#out === '')
      return this.#text.trimEnd().indexOf(closing, this.#at + 1) === this.#text.trimEnd().length - 1;
    if (SENTENCE.test(this.#text.slice(this.#at + 1, this.#at + LOOK_AHEAD))) return true;
    return MESSAGE_KEY_BEFORE.test(this.#before());
  }

  #isKey(end: number): boolean {
    if (!/^\s*:/.test(this.#text.slice(end + 1, end + 4))) return false;
    return KEY_BEFORE.test(this.#before()) && KEY_CONTENT.test(this.#text.slice(this.#at + 1, end));
  }

  /** What stands before, in the template's form: of a template it is the same, so it is read in the same way. */
  #before(): string {
    return this.#out.slice(-LOOK_BACK) + (this.#blank ? ' ' : '');
  }

  #lessThan(): void {
    const placeholder = this.#placeholderAt(this.#at);
    if (placeholder) this.#emit(placeholder, this.#at + placeholder.length);
    else this.#literal(true);
  }

  #placeholderAt(at: number): string | undefined {
    if (this.#text.charCodeAt(at) !== LESS_THAN) return undefined;
    PLACEHOLDER_AT.lastIndex = at;
    return PLACEHOLDER_AT.exec(this.#text)?.[0];
  }

  /** One character as it is. */
  #literal(glued: boolean): void {
    const char = String.fromCodePoint(this.#text.codePointAt(this.#at) as number);
    this.#emit(char, this.#at + char.length);
    this.#glued = glued;
  }

  #emit(text: string, next: number): void {
    this.#at = next;
    const blank = this.#blank ? ' ' : '';
    this.#blank = false;
    this.#glued = true;
    // A date and the time after it are one value.
    if (text === '<time>' && this.#out.endsWith('<time>')) return;
    this.#full = this.#out.length + blank.length + text.length > LONGEST_TEMPLATE;
    if (!this.#full) this.#out += blank + text;
  }
}

const LESS_THAN = 0x3c;
const GREATER_THAN = 0x3e;
const MINUS = 0x2d;
const PLUS = 0x2b;
const SLASH = 0x2f;
const BACKSLASH = 0x5c;
const TILDE = 0x7e;
const DOT = 0x2e;
const COMMA = 0x2c;
const COLON = 0x3a;
const LONGEST_PLAIN = 64;

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** What ends a sentence or joins nothing stays outside of the chunk. */
function withoutTrailing(chunk: string): string {
  let end = chunk.length;
  while (end > 1 && TRAILING.includes(chunk.charAt(end - 1))) end--;
  return end === chunk.length ? chunk : chunk.slice(0, end);
}

const WIDE_DIGITS = /[０-９]/g;

/** ０–９, as Chinese input methods write them, as the digits they are. */
function narrow(text: string): string {
  if (text.search(WIDE_DIGITS) < 0) return text;
  return text.replaceAll(WIDE_DIGITS, (digit) => String.fromCharCode(digit.charCodeAt(0) - 0xff10 + 0x30));
}

function isHan(code: number): boolean {
  return code >= 0x3400 && code <= 0x9fff;
}

function isWord(code: number): boolean {
  return code < 128 && KINDS[code] === WORD;
}
