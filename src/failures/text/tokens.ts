import { classKey, EXCEPTION_CLASSES } from '../rules/exception-classes.ts';
import { Ideas } from './ideas.ts';
import { type Identifier, ideaNumber, identify, markChinese, markWord, type Word } from './lexicon.ts';

/** An identifier or number where it stands in the text. */
export interface Token {
  readonly raw: string;
  readonly at: number;
  readonly end: number;
  readonly info: Identifier;
}

/** A sentence or line, as the ideas it speaks of. */
export interface Segment {
  readonly ideas: Ideas;
  readonly start: number;
  end: number;
}

/** What one pass over a text finds. */
export interface Reading {
  readonly text: string;
  readonly tokens: readonly Token[];
  readonly segments: readonly Segment[];
  /** Where the first Chinese character stands; the text's length when there is none. */
  readonly firstChinese: number;
}

const PATH = ideaNumber('PATH');
const CONFIG = ideaNumber('CONFIG');
const SPACE = 32;
const MAX_SEGMENT_WORDS = 60;
/** More are not looked at; a real message of this length repeats itself. */
const MOST_TOKENS = 1200;

const isDigit = (c: number): boolean => c >= 48 && c <= 57;
const isIdentifier = (c: number): boolean =>
  (c >= 97 && c <= 122) || (c >= 65 && c <= 90) || isDigit(c) || c === 95 || c === 36;
const isChinese = (c: number): boolean => c >= 0x4e00 && c <= 0x9fff;
/** Line feed, `;`, `。`, `！`, `；`, `？`, `!`, `?`: after these something else is spoken of. */
const ENDS: ReadonlySet<number> = new Set([10, 59, 0x3002, 0xff01, 0xff1b, 0xff1f, 33, 63]);
/** White space, quotes, brackets and commas: no URL or path goes on after them. */
const NAME_ENDS: ReadonlySet<number> = new Set(
  [...' \t\r\n"\'`<>()[]{},;|‘’“”，。；）（：'].map((c) => c.charCodeAt(0)),
);
/** Ends of host and file names: these are names that somebody chose, not words of the message. */
const NAME_ENDINGS: ReadonlySet<string> = new Set(
  `com net org cn io invalid local example test internal dev app co uk de jp localhost cloud
   py js mjs cjs ts tsx java go rb php rs c cc cpp h cs json html htm xml yaml yml csv txt log md
   mp4 mp3 mkv m3u8 pdf png jpg jpeg gif zip gz tar xlsx docx jar so dll exe sh sock db sqlite part tmp bin`.split(
    /\s+/,
  ),
);
const SETTINGS_FILES: ReadonlySet<string> = new Set(['conf', 'ini', 'env', 'cfg', 'properties', 'toml']);
/** `config.yaml`, `app-settings.json`: the name says it where the ending does not. */
const SETTINGS_NAME = /(?:config|settings|configuration)\.$/i;
/** The end of a path to settings: `/root/.kube/config`, `/etc/app.conf:`. */
const SETTINGS_PATH = /(?:config|settings|\.(?:env|conf|cnf|ini|cfg|properties|toml))[.a-z]{0,6}:?$/i;
const LONGEST_FILE_NAME = 40;
const APOSTROPHES: ReadonlySet<number> = new Set([39, 0x2019]);

/** Reads a text once, left to right, in time proportional to its length. */
export function read(text: string): Reading {
  return new Reader(text).run();
}

class Reader {
  readonly text: string;
  readonly tokens: Token[] = [];
  readonly segments: Segment[] = [];
  private sequence: Word[] = [];
  private segment: Segment;
  private firstChinese: number;

  constructor(text: string) {
    this.text = text;
    this.firstChinese = text.length;
    this.segment = this.begin(0);
  }

  run(): Reading {
    const { text } = this;
    let at = 0;
    while (at < text.length && this.tokens.length < MOST_TOKENS) {
      const c = text.charCodeAt(at);
      if (isIdentifier(c)) at = this.identifier(at);
      else at = this.other(c, at);
    }
    this.close(text.length);
    const { tokens, segments, firstChinese } = this;
    return { text, tokens, segments, firstChinese };
  }

  private begin(start: number): Segment {
    return { ideas: new Ideas(), start, end: start };
  }

  private identifier(start: number): number {
    const { text } = this;
    const end = this.endOfIdentifier(start);
    if (text.startsWith('://', end)) return this.endOfName(end);
    const dotted = text.charCodeAt(end) === 46 && isIdentifier(text.charCodeAt(end + 1));
    return dotted ? this.dottedName(start) : this.token(start, end);
  }

  private endOfIdentifier(start: number): number {
    const { text } = this;
    let end = start + 1;
    for (; end < text.length; end++) {
      const c = text.charCodeAt(end);
      if (isIdentifier(c)) continue;
      if (!(APOSTROPHES.has(c) && text.charCodeAt(end + 1) === 116 && text.charCodeAt(end - 1) === 110))
        break;
    }
    return end;
  }

  /** Where a URL or path ends: at white space, a quote, a bracket or a comma. */
  private endOfName(start: number): number {
    let end = start;
    while (
      end < this.text.length &&
      !NAME_ENDS.has(this.text.charCodeAt(end)) &&
      !isChinese(this.text.charCodeAt(end))
    )
      end++;
    return end;
  }

  /**
   * `java.io.IOException`, `StatusCode.UNAVAILABLE`: what counts is the last part. A host (`api.courier.invalid`)
   * or file name says nothing, only that of a settings file does.
   */
  private dottedName(start: number): number {
    const { text } = this;
    let last = start;
    let end = this.endOfIdentifier(start);
    while (text.charCodeAt(end) === 46 && isIdentifier(text.charCodeAt(end + 1))) {
      last = end + 1;
      end = this.endOfIdentifier(last);
    }
    this.familyOfCode(start, last);
    const ending = text.slice(last, end);
    if (/^[A-Z][A-Z.]*$/.test(text.slice(start, end))) this.parts(start, end);
    else if (SETTINGS_FILES.has(ending) || SETTINGS_NAME.test(text.slice(start, last)))
      this.segment.ideas.add(CONFIG);
    else if (!NAME_ENDINGS.has(ending)) return this.token(last, end);
    return end;
  }

  /** `Throttling.User`, `AuthFailure.SecretIdNotFound`: the codes of some clouds begin with what they are about. */
  private familyOfCode(start: number, last: number): void {
    const { text } = this;
    const c = text.charCodeAt(last);
    if (c < 65 || c > 90) return;
    const end = this.endOfIdentifier(start);
    const raw = text.slice(start, end);
    // `csv.Error`, `struct.error`: many modules of Python have one class of that name.
    const name = /^[a-z]/.test(raw) && text.startsWith('Error', last) ? `${raw}Error` : raw;
    const meaning = /^[A-Z][a-z]|Error$/.test(name) ? EXCEPTION_CLASSES.get(classKey(name)) : undefined;
    if (meaning)
      this.tokens.push({ raw, at: start, end, info: { ...identify(raw), meaning, rule: `class.${name}` } });
  }

  /** `TRACKING.NUMBER.NOTFOUND`: a code of which every part is a word. */
  private parts(start: number, end: number): void {
    let at = start;
    while (at < end) at = this.token(at, this.endOfIdentifier(at)) + 1;
  }

  private token(start: number, end: number): number {
    const { text } = this;
    const raw = text.slice(start, end);
    const info = identify(raw);
    this.tokens.push({ raw, at: start, end, info });
    for (const word of info.words) this.sequence.push(word);
    if (this.sequence.length >= MAX_SEGMENT_WORDS) this.close(end);
    return end;
  }

  private other(c: number, at: number): number {
    if (c === SPACE) return at + 1;
    if (isChinese(c)) {
      if (at < this.firstChinese) this.firstChinese = at;
      markChinese(this.text, at, this.segment.ideas);
    } else if (ENDS.has(c) || this.endsSentence(c, at)) this.close(at);
    else if (this.beginsPath(c, at)) {
      this.segment.ideas.add(PATH);
      const end = this.endOfName(at + 1);
      if (SETTINGS_PATH.test(this.text.slice(Math.max(at, end - LONGEST_FILE_NAME), end)))
        this.segment.ideas.add(CONFIG);
      return end;
    }
    return at + 1;
  }

  /** A full stop before white space. */
  private endsSentence(c: number, at: number): boolean {
    return c === 46 && this.text.charCodeAt(at + 1) === 32;
  }

  /** `/var`, but not the `/` of `https://` or of `and/or`; `C:\`. */
  private beginsPath(c: number, at: number): boolean {
    const before = this.text.charCodeAt(at - 1);
    if (c === 47) {
      const next = this.text.charCodeAt(at + 1);
      return (
        next !== 47 &&
        (isIdentifier(next) || next === 46) &&
        !isIdentifier(before) &&
        before !== 47 &&
        before !== 46
      );
    }
    return c === 92 && before === 58;
  }

  private close(at: number): void {
    for (let i = 0; i < this.sequence.length; i++) markWord(this.sequence, i, this.segment.ideas);
    this.segment.end = at;
    if (!this.segment.ideas.isEmpty()) this.segments.push(this.segment);
    if (this.sequence.length > 0) this.sequence = [];
    else if (this.segment.ideas.isEmpty()) return;
    this.segment = this.begin(at + 1);
  }
}
