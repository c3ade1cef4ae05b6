import { type Clue, heavier } from '../clue.ts';
import { CATEGORY_WORDS } from '../rules/category-words.ts';
import { DOCUMENTED_PATTERNS, hasPieces } from '../rules/documented.ts';
import { WEIGHT } from '../rules/meaning.ts';
import { WORD_RULES } from '../rules/words.ts';
import { Ideas } from './ideas.ts';
import { htmlTitle, layersOf } from './layers.ts';
import { signalsOf } from './signals.ts';
import { type Reading, read, type Segment } from './tokens.ts';
import { windowOf } from './window.ts';
import { RuleIndex } from './word-rules.ts';

/** Below this, what the cause says is so vague that its wrappers are heard too. */
const VAGUE = WEIGHT.faint;
/** Loss of weight when the ideas of a rule are spread over several sentences. */
const SPREAD = 22;
/** Sentences that are looked at together, at most. */
const MAX_TOGETHER = 6;
const INDEX = new RuleIndex(WORD_RULES);
const LONGEST_EVIDENCE = 120;

/** What a text says, or nothing. Linear in the text's length, of which a bounded window is read. */
export function readText(text: string): Clue | undefined {
  const seen = windowOf(text).replaceAll('\r', '');
  const stated = statedCategory(seen);
  if (stated) return stated;
  let best: Clue | undefined;
  let http: Clue | undefined;
  const title = htmlTitle(seen);
  for (const layer of title === undefined ? layersOf(seen) : [title, ...layersOf(seen)]) {
    const found = readLayer(layer);
    best = heavier(best, found.best);
    http = heavier(http, found.http);
    if (best && best.meaning.weight > VAGUE) break;
  }
  return behindParser(best, http);
}

/** An answer that could not be parsed because it was an error page: the page's status is what went wrong. */
export function behindParser(best: Clue | undefined, http: Clue | undefined): Clue | undefined {
  const isParser = best?.meaning.kind === 'data' && best.meaning.advice === 'format';
  return isParser && http?.meaning.kind === 'temporary' ? http : best;
}

function readLayer(layer: string): { best: Clue | undefined; http: Clue | undefined } {
  const reading = read(layer);
  let best: Clue | undefined;
  let http: Clue | undefined;
  for (const clue of signalsOf(reading)) {
    best = heavier(best, clue);
    if (clue.rule.startsWith('http.')) http = heavier(http, clue);
  }
  best = heavier(best, readWords(reading));
  if (!best || best.meaning.weight < WEIGHT.vague + 4) best = heavier(best, documented(layer));
  return { best, http };
}

/** `[NETWORK] Connection timeout: …`: the author of the message says what it is. */
function statedCategory(text: string): Clue | undefined {
  const open = text.indexOf('[');
  if (open < 0 || open > 40) return undefined;
  const close = text.indexOf(']', open);
  if (close < 0 || close - open > 30) return undefined;
  const before = text.slice(0, open).trim();
  if (before !== '' && !/^\w*:$/.test(before)) return undefined;
  const word = text.slice(open + 1, close);
  const meaning = word === word.toUpperCase() ? CATEGORY_WORDS.get(word) : undefined;
  return meaning && { rule: `stated.${word}`, meaning, evidence: `[${word}]` };
}

function readWords(reading: Reading): Clue | undefined {
  let best: Clue | undefined;
  for (const segment of reading.segments) best = heavier(best, heaviestRule(reading, segment, 0));
  const several = reading.segments.length > 1 && reading.segments.length <= MAX_TOGETHER;
  return several ? heavier(best, heaviestRule(reading, union(reading), SPREAD)) : best;
}

function heaviestRule(reading: Reading, segment: Segment, loss: number): Clue | undefined {
  const rule = INDEX.heaviest(segment.ideas);
  if (!rule) return undefined;
  const evidence = reading.text.slice(segment.start, segment.end).trim().slice(0, LONGEST_EVIDENCE);
  const meaning = loss === 0 ? rule.meaning : { ...rule.meaning, weight: rule.meaning.weight - loss };
  return { rule: rule.id, meaning, evidence };
}

function union(reading: Reading): Segment {
  const ideas = new Ideas();
  for (const segment of reading.segments) ideas.addAll(segment.ideas);
  return { ideas, start: 0, end: reading.text.length };
}

function documented(text: string): Clue | undefined {
  const lower = text.toLowerCase();
  const pattern = DOCUMENTED_PATTERNS.find((one) => hasPieces(lower, one.pieces));
  return pattern && { rule: pattern.id, meaning: pattern.meaning, evidence: pattern.pieces.join(' … ') };
}
