import { type Advice, type Kind, type Meaning, WEIGHT } from './meaning.ts';

/** A pattern of literal pieces that follow each other in one line: `connection.*timeout`. */
export interface DocumentedPattern {
  readonly id: string;
  readonly source: string;
  readonly pieces: readonly string[];
  readonly meaning: Meaning;
}

const documented = (kind: Kind, advice: Advice, source: string): DocumentedPattern => ({
  id: `pattern.${kind}.${source.replaceAll('.*', '-')}`,
  source,
  pieces: source.split('.*'),
  meaning: { kind, advice, weight: WEIGHT.vague + 4 },
});

/** The documented patterns (SPEC section 3). Each is literal pieces only, so it is searched for in linear time. */
export const DOCUMENTED_PATTERNS: readonly DocumentedPattern[] = [
  documented('network', 'timeout', 'connection.*timeout'),
  documented('network', 'connection', 'network.*unreachable'),
  documented('network', 'connection', 'connection.*refused'),
  documented('network', 'dns', 'dns.*resolution.*failed'),
  documented('network', 'timeout', 'socket.*timeout'),
  documented('network', 'timeout', 'read.*timeout'),
  documented('system', 'memory', 'memory.*error'),
  documented('system', 'disk', 'disk.*space'),
  documented('system', 'disk', 'no.*space.*left'),
  documented('system', 'process', 'resource.*temporarily.*unavailable'),
  documented('system', 'files', 'too.*many.*open.*files'),
  documented('system', 'local-rights', 'permission.*denied'),
  documented('data', 'format', 'invalid.*data.*format'),
  documented('data', 'format', 'malformed.*json'),
  documented('data', 'format', 'parse.*error'),
  documented('data', 'format', 'validation.*failed'),
  documented('data', 'constraint', 'constraint.*violation'),
  documented('data', 'constraint', 'null.*value.*in.*column'),
];

/** Whether one line of the lower-case text has all pieces in their order, which is what the pattern means. */
export function hasPieces(lower: string, pieces: readonly string[]): boolean {
  const [first = ''] = pieces;
  let start = lower.indexOf(first);
  while (start >= 0) {
    const newline = lower.indexOf('\n', start);
    const end = newline < 0 ? lower.length : newline;
    if (follow(lower, start, end, pieces)) return true;
    // No later start in the same line can do better than its first one.
    start = lower.indexOf(first, end);
  }
  return false;
}

function follow(lower: string, start: number, end: number, pieces: readonly string[]): boolean {
  let at = start;
  for (const piece of pieces) {
    const found = lower.indexOf(piece, at);
    if (found < 0 || found + piece.length > end) return false;
    at = found + piece.length;
  }
  return true;
}
