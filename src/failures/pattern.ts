import safeRegex from 'safe-regex2';

/** Characters of a message that a user's pattern is tried on; with {@link checkPiece} this bounds its time. */
const PATTERN_WINDOW = 1000;
const LONGEST_PATTERN = 500;
const MOST_PIECES = 10;
/** More than one unbounded repetition in a piece would cost the cube of the text's length. */
const MOST_REPETITIONS = 1;
const LARGEST_COUNT = 100;

/** A user's regular expression could run for very long, or is none. */
export class UnsafePatternError extends Error {
  override readonly name = 'UnsafePatternError';
  readonly pattern: string;

  constructor(pattern: string, why: string) {
    super(`the pattern /${pattern}/ is refused: ${why}`);
    this.pattern = pattern;
  }
}

/** A pattern that was checked. */
export interface SafePattern {
  readonly source: string;
  /** The words that matched, or undefined. Only the first {@link PATTERN_WINDOW} characters are looked at. */
  find(text: string): string | undefined;
}

/**
 * Checks and compiles a user's regular expression (case-insensitive).
 *
 * `a.*b.*c` is matched piece by piece, so that the documented form of patterns is fast however many `.*` it has.
 * @throws {UnsafePatternError} when it is no regular expression, or its time could grow faster than the square of the
 * text: nested repetitions, a repeated alternative, several unbounded repetitions in one piece, back references.
 */
export function compilePattern(source: string): SafePattern {
  if (source.length > LONGEST_PATTERN)
    throw new UnsafePatternError(source.slice(0, 40), `it is longer than ${LONGEST_PATTERN} characters`);
  parse(source, source);
  const pieces = splitPieces(source);
  if (pieces.length > MOST_PIECES)
    throw new UnsafePatternError(source, `it has more than ${MOST_PIECES} pieces`);
  const compiled = pieces.map((piece) => checkPiece(piece, source));
  return { source, find: (text) => findPieces(compiled, text.slice(0, PATTERN_WINDOW)) };
}

/** Splits at each `.*` that stands outside of groups and classes, when no `|` stands there. */
function splitPieces(source: string): string[] {
  const pieces: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i < source.length; i++) {
    const c = source.charAt(i);
    if (c === '\\') i++;
    else if (c === '(' || c === '[') depth++;
    else if (c === ')' || c === ']') depth--;
    else if (c === '|' && depth === 0) return [source];
    else if (depth === 0 && source.startsWith('.*', i)) {
      pieces.push(source.slice(start, i));
      i += source.charAt(i + 2) === '?' ? 2 : 1;
      start = i + 1;
    }
  }
  return [...pieces, source.slice(start)].filter((piece) => piece !== '');
}

function checkPiece(piece: string, source: string): RegExp {
  const regex = parse(piece, source);
  const refuse = (why: string) => new UnsafePatternError(source, why);
  if (!safeRegex(regex)) throw refuse('a repetition stands inside a repetition');
  if (/\\[1-9]|\\k</.test(piece)) throw refuse('it refers back to a group');
  if (/\|[^()]*\)(?:[*+]|\{)/.test(piece)) throw refuse('a choice between alternatives is repeated');
  const unbounded = piece.replaceAll(/\\.|\[(?:\\.|[^\]\\])*\]/g, 'x').match(/[*+]|\{\d*,\}/g)?.length ?? 0;
  if (unbounded > MOST_REPETITIONS)
    throw refuse('it has several unbounded repetitions that do not stand as .* between words');
  for (const [, , most = '0'] of piece.matchAll(/\{(\d*),?(\d*)\}/g)) {
    if (Number(most) > LARGEST_COUNT) throw refuse(`it repeats more than ${LARGEST_COUNT} times`);
  }
  return regex;
}

function parse(piece: string, source: string): RegExp {
  try {
    return new RegExp(piece, 'gi');
  } catch (error) {
    throw new UnsafePatternError(
      source,
      error instanceof Error ? error.message : 'it is no regular expression',
    );
  }
}

/** The pieces in their order, inside one line. */
function findPieces(pieces: readonly RegExp[], text: string): string | undefined {
  for (const line of text.split('\n')) {
    const found = findInLine(pieces, line);
    if (found !== undefined) return found;
  }
  return undefined;
}

function findInLine(pieces: readonly RegExp[], line: string): string | undefined {
  let at = 0;
  const words: string[] = [];
  for (const piece of pieces) {
    piece.lastIndex = at;
    const match = piece.exec(line);
    if (!match) return undefined;
    words.push(match[0]);
    at = match.index + match[0].length;
  }
  return words.join(' … ');
}
