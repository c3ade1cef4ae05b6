import { type Clue, heavier } from '../clue.ts';
import { CATEGORY_WORDS } from '../rules/category-words.ts';
import { DOCUMENTED_PATTERNS, hasPieces } from '../rules/documented.ts';
import { type Advice, type Kind, WEIGHT } from '../rules/meaning.ts';
import { WORD_RULES } from '../rules/words.ts';
import { Ideas } from './ideas.ts';
import { htmlTitle, layersOf } from './layers.ts';
import { signalsOf } from './signals.ts';
import { type Reading, read, type Segment } from './tokens.ts';
import { weighWords } from './weigh-words.ts';
import { windowOf } from './window.ts';
import type { ReadLayer } from './word-features.ts';
import { RuleIndex, type WordRule } from './word-rules.ts';

/** Below this, what the cause says is so vague that its wrappers are heard too. */
const VAGUE = WEIGHT.faint;
/** Loss of weight when the ideas of a rule are spread over several sentences. */
const SPREAD = 22;
/** Sentences that are looked at together, at most. */
const MAX_TOGETHER = 6;
const INDEX = new RuleIndex(WORD_RULES);
/** From here on evidence decides without asking the words. */
const CERTAIN = WEIGHT.className;
/** What to advise when no rule of the category applies. */
const USUAL_ADVICE: Readonly<Record<Kind, Advice>> = {
  network: 'connection',
  system: 'process',
  temporary: 'busy',
  data: 'format',
  config: 'settings',
  business: 'state',
};
const LONGEST_EVIDENCE = 120;

/** What a text says, or nothing. Linear in the text's length, of which a bounded window is read. */
export function readText(text: string): Clue | undefined {
  const seen = windowOf(text).replaceAll('\r', '');
  const stated = statedCategory(seen);
  if (stated) return stated;
  const { best, http, layers } = gather(seen);
  const decided = best && best.meaning.weight >= CERTAIN ? best : weighed(best, layers);
  return behindParser(decided, http);
}

/** What the explicit rules find, and the layers that they read for it. */
export function gather(seen: string): {
  readonly best: Clue | undefined;
  readonly http: Clue | undefined;
  readonly layers: readonly ReadLayer[];
} {
  let best: Clue | undefined;
  let http: Clue | undefined;
  const layers: ReadLayer[] = [];
  const title = htmlTitle(seen);
  for (const layer of title === undefined ? layersOf(seen) : [title, ...layersOf(seen)]) {
    const found = readLayer(layer);
    layers.push(found);
    best = heavier(best, found.best);
    http = heavier(http, found.http);
    if (best && best.meaning.weight > VAGUE) break;
  }
  return { best, http, layers };
}

/** All words together decide where no rule is certain; a rule that says the same gives the better reason. */
function weighed(best: Clue | undefined, layers: readonly ReadLayer[]): Clue | undefined {
  const verdict = weighWords(layers, best);
  if (!verdict || verdict.kind === best?.meaning.kind) return best;
  if (verdict.kind === 'unknown') return undefined;
  const { kind, weight, evidence } = verdict;
  const advice = adviceFor(kind, layers) ?? USUAL_ADVICE[kind];
  return { rule: 'text.words', meaning: { kind, advice, weight }, evidence: evidence() };
}

function adviceFor(kind: Kind, layers: readonly ReadLayer[]): Advice | undefined {
  let best: WordRule | undefined;
  for (const segment of layers.flatMap((layer) => layer.reading.segments)) {
    const rule = INDEX.heaviest(segment.ideas, kind);
    if (rule && (!best || rule.meaning.weight > best.meaning.weight)) best = rule;
  }
  return best?.meaning.advice;
}

/** An answer that could not be parsed because it was an error page: the page's status is what went wrong. */
export function behindParser(best: Clue | undefined, http: Clue | undefined): Clue | undefined {
  const isParser = best?.meaning.kind === 'data' && best.meaning.advice === 'format';
  return isParser && http?.meaning.kind === 'temporary' ? http : best;
}

interface FoundLayer extends ReadLayer {
  readonly best: Clue | undefined;
  readonly http: Clue | undefined;
}

function readLayer(layer: string): FoundLayer {
  const reading = read(layer);
  const signals = signalsOf(reading);
  let best: Clue | undefined;
  let http: Clue | undefined;
  for (const clue of signals) {
    best = heavier(best, clue);
    if (clue.rule.startsWith('http.')) http = heavier(http, clue);
  }
  best = heavier(best, readWords(reading));
  if (!best || best.meaning.weight < WEIGHT.vague + 4) best = heavier(best, documented(layer));
  return { reading, signals, best, http };
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
