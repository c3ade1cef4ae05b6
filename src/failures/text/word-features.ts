import type { Clue } from '../clue.ts';
import { type Kind, type Meaning, WEIGHT } from '../rules/meaning.ts';
import { MOST_IDEAS } from './ideas.ts';
import type { Word } from './lexicon.ts';
import type { Reading } from './tokens.ts';

/** One layer of a text as it was read. */
export interface ReadLayer {
  readonly reading: Reading;
  readonly signals: readonly Clue[];
}

/** Takes what a text consists of, piece by piece. A piece that stands twice comes twice. */
export interface FeatureSink {
  /** A word, and the one before it. */
  word(word: Word, before: Word | undefined): void;
  /** A Chinese character, and the one that follows it (0: none), by their codes. */
  chinese(first: number, second: number): void;
  idea(idea: number): void;
  /** Two ideas of one sentence, the smaller number first. */
  ideas(a: number, b: number): void;
  /** A code, number or class, by what it means: `@network3` is a certain one. */
  signal(name: string): void;
}

const signalNames = (strength: number): Readonly<Record<Kind, string>> => ({
  network: `@network${strength}`,
  system: `@system${strength}`,
  temporary: `@temporary${strength}`,
  data: `@data${strength}`,
  config: `@config${strength}`,
  business: `@business${strength}`,
});
const SIGNAL_NAMES = [signalNames(1), signalNames(2), signalNames(3)] as const;
const MOST_WORDS = 120;
const MOST_CHINESE = 160;
const MOST_SEGMENTS = 6;
const present: number[] = new Array(MOST_IDEAS).fill(0);

/** Hands everything that the table of word weights may know to the sink. Bounded, whatever the text. */
export function visitFeatures(layers: readonly ReadLayer[], sink: FeatureSink): void {
  for (const { reading, signals } of layers) {
    visitWords(reading, sink);
    visitChinese(reading, sink);
    visitIdeas(reading, sink);
    for (const { meaning } of signals) sink.signal(signalName(meaning));
  }
}

const signalName = ({ kind, weight }: Meaning): string =>
  SIGNAL_NAMES[weight >= WEIGHT.precise ? 2 : weight >= 50 ? 1 : 0][kind];

function visitWords({ tokens }: Reading, sink: FeatureSink): void {
  let left = MOST_WORDS;
  let before: Word | undefined;
  for (const { info } of tokens) {
    if (info.number !== undefined) continue;
    for (const word of info.words) {
      if (left-- === 0) return;
      sink.word(word, before);
      before = word;
    }
  }
}

function visitChinese({ text, firstChinese }: Reading, sink: FeatureSink): void {
  let left = MOST_CHINESE;
  let next = text.charCodeAt(firstChinese);
  for (let at = firstChinese; at < text.length && left > 0; at++) {
    const first = next;
    next = text.charCodeAt(at + 1);
    if (!isChinese(first)) continue;
    left--;
    sink.chinese(first, isChinese(next) ? next : 0);
  }
}

const isChinese = (c: number): boolean => c >= 0x4e00 && c <= 0x9fff;

function visitIdeas({ segments }: Reading, sink: FeatureSink): void {
  for (let i = 0; i < segments.length && i < MOST_SEGMENTS; i++) {
    let count = 0;
    segments[i]?.ideas.forEach((idea) => {
      present[count++] = idea;
    });
    for (let a = 0; a < count; a++) {
      sink.idea(present[a] as number);
      for (let b = a + 1; b < count; b++) sink.ideas(present[a] as number, present[b] as number);
    }
  }
}
