import { CODES } from '../rules/codes.ts';
import { classKey, EXCEPTION_CLASSES } from '../rules/exception-classes.ts';
import type { Meaning } from '../rules/meaning.ts';
import { CONCEPTS, type Concept } from './concepts.ts';
import { Ideas, MOST_IDEAS } from './ideas.ts';
import { PAIR_ROWS, ROWS } from './word-table.ts';

/** Every idea has a bit; a path (`/var/lib/x`, `C:\x`) is one more that no word stands for. */
const NAMES = [...(Object.keys(CONCEPTS) as Concept[]), 'PATH'] as const;
export type Idea = (typeof NAMES)[number];
const NUMBER_OF = new Map<string, number>(NAMES.map((name, i) => [name, i]));
if (NAMES.length > MOST_IDEAS) throw new Error(`more than ${MOST_IDEAS} ideas`);

/** The idea of a number. */
export function ideaName(number: number): Idea {
  return NAMES[number] as Idea;
}

/** The number of an idea. @throws on a name that is none: a slip in a rule table. */
export function ideaNumber(name: string): number {
  const number = NUMBER_OF.get(name);
  if (number === undefined) throw new Error(`no idea is called ${name}`);
  return number;
}

/** What may follow the beginning of a phrase: a tree, so that the many phrases with "not" cost no more than one. */
interface PhraseNode {
  /** Ideas of the phrase that ends here. */
  readonly ideas: Ideas;
  readonly next: Map<string, PhraseNode>;
  /** Last words with any ending. */
  readonly open: { readonly stem: string; readonly idea: number }[];
}

const phraseNode = (): PhraseNode => ({ ideas: new Ideas(), next: new Map(), open: [] });

/** One lower-case word, and what it may mean. */
export interface Word {
  readonly text: string;
  /** The word without its ending, as the table of word weights knows it; '' for one too common to say anything. */
  readonly stem: string;
  /** Undefined: none. */
  readonly ideas: Ideas | undefined;
  /** Undefined: no phrase begins with it. */
  readonly phrases: PhraseNode | undefined;
  /** Its row in the table of word weights, and those of the pairs that begin with it. */
  readonly row: number | undefined;
  readonly pairRows: ReadonlyMap<string, number> | undefined;
}

interface ChineseTerm {
  readonly text: string;
  readonly idea: number;
}

const exactWords = new Map<string, number[]>();
/** By the first two letters of the stem. */
const openWords = new Map<string, { readonly stem: string; readonly idea: number }[]>();
const phrases = new Map<string, PhraseNode>();
/** By the first character. */
const chinese = new Map<string, ChineseTerm[]>();

const push = <K, V>(map: Map<K, V[]>, key: K, value: V): void => {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
};

/** A contraction as its two words: `isn't` → `is not`, `can't` and `cannot` → `can not`. */
function expand(word: string): readonly string[] {
  if (word === 'cannot' || word === "can't" || word === 'cant') return ['can', 'not'];
  if (word === "won't") return ['will', 'not'];
  if (word.endsWith("n't")) return [word.slice(0, -3), 'not'];
  const apostrophe = word.indexOf("'");
  return apostrophe > 0 ? [word.slice(0, apostrophe)] : [word];
}

function addPhrase(first: string, rest: readonly string[], open: boolean, idea: number): void {
  let node = childOf(phrases, first);
  for (const [i, word] of rest.entries()) {
    if (open && i === rest.length - 1) node.open.push({ stem: word, idea });
    else node = childOf(node.next, word);
  }
  if (!open) node.ideas.add(idea);
}

function childOf(nodes: Map<string, PhraseNode>, word: string): PhraseNode {
  const node = nodes.get(word) ?? phraseNode();
  nodes.set(word, node);
  return node;
}

function addEnglish(term: string, idea: number): void {
  const open = term.endsWith('*');
  const parts = term
    .toLowerCase()
    .replace(/\*$/, '')
    .replaceAll("n't", ' not')
    .split(/[^a-z0-9]+/)
    .filter((part) => part !== '');
  const [first, ...rest] = parts;
  if (first === undefined) throw new Error(`the term ${term} has no word`);
  if (rest.length > 0) addPhrase(first, rest, open, idea);
  else if (open) push(openWords, first.slice(0, 2), { stem: first, idea });
  else push(exactWords, first, idea);
}

for (const [name, list] of Object.entries(CONCEPTS)) {
  const idea = ideaNumber(name);
  for (const term of new Set(list.split(/\s+/))) {
    if (term === '') continue;
    if (/[\u4e00-\u9fff]/.test(term)) push(chinese, term.charAt(0), { text: term, idea });
    else addEnglish(term, idea);
  }
}
const NOTHING: readonly never[] = [];

function makeWord(text: string): Word {
  const ideas = new Ideas();
  for (const idea of exactWords.get(text) ?? NOTHING) ideas.add(idea);
  for (const { stem, idea } of openWords.get(text.slice(0, 2)) ?? NOTHING) {
    if (text.startsWith(stem)) ideas.add(idea);
  }
  const stem = stemOf(text);
  return {
    text,
    stem,
    ideas: ideas.isEmpty() ? undefined : ideas,
    phrases: phrases.get(text),
    row: ROWS.get(stem),
    pairRows: PAIR_ROWS.get(text),
  };
}

const TOO_COMMON: ReadonlySet<string> = new Set(
  'the a an of to in is it this that for on at by and or be was with as'.split(' '),
);

function stemOf(text: string): string {
  if (text.length < 2 || TOO_COMMON.has(text) || /\d/.test(text)) return '';
  return text.length > 4 ? text.replace(/(?:ing|ed|es|s)$/, '') : text;
}

/** What is known of one identifier (`ECONNRESET`, `requests`, `NoSuchKeyError`), whatever it stands beside. */
export interface Identifier {
  readonly lower: string;
  /** The number it is, when it consists of at most nine digits. */
  readonly number: number | undefined;
  readonly words: readonly Word[];
  /** Meaning of the code or exception class that it is. */
  readonly meaning: Meaning | undefined;
  /** The rule that it decides by, when it has a meaning. */
  readonly rule: string;
}

/** Identifiers seen lately. Messages repeat their words, so that nearly every look-up is one hit here. */
let cache = new Map<string, Identifier>();
const CACHE_LIMIT = 20_000;
const LONGEST_IDENTIFIER = 80;

/** Looks an identifier up; equal identifiers give equal answers, however often the cache is emptied. */
export function identify(raw: string): Identifier {
  const known = cache.get(raw);
  if (known) return known;
  const made = makeIdentifier(raw.slice(0, LONGEST_IDENTIFIER));
  if (cache.size >= CACHE_LIMIT) cache = new Map();
  cache.set(raw, made);
  return made;
}

function makeIdentifier(raw: string): Identifier {
  const name = raw.slice(raw.lastIndexOf('$') + 1) || raw;
  const isUpper = name === name.toUpperCase();
  const code = isUpper ? CODES.get(name) : undefined;
  const byClass =
    code === undefined && looksLikeClass(name) ? EXCEPTION_CLASSES.get(classKey(name)) : undefined;
  return {
    lower: raw.toLowerCase(),
    number: /^\d{1,9}$/.test(raw) ? Number(raw) : undefined,
    words: splitWords(name).flatMap(expand).map(makeWord),
    meaning: code ?? byClass,
    rule: code ? `code.${name}` : `class.${name}`,
  };
}

/** `NoSuchKey`, `KeyError`, `TOPIC_AUTHORIZATION_FAILED`; never a plain word of a sentence. */
function looksLikeClass(name: string): boolean {
  return (
    /[a-z][A-Z]/.test(name) ||
    /^[A-Z]{2,}[a-z]/.test(name) ||
    /^_?[A-Z]+_[A-Z_]+$/.test(name) ||
    name === 'gaierror'
  );
}

/** `camelCase`, `HTTPServer` and `snake_case` as lower-case words. */
function splitWords(name: string): string[] {
  // A method of HTTP, not a post or a deletion.
  if (/^(?:GET|HEAD|POST|PUT|PATCH|DELETE)$/.test(name)) return [];
  // `IDs`, `URLs`: the plural of an abbreviation.
  if (/^[A-Z]{2,}s$/.test(name)) return [name.toLowerCase()];
  return (
    name
      .replaceAll('’', "'")
      .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
      .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
      .toLowerCase()
      .split(/[_\s$]+/)
      // The `No` of `orderNo` is a number, not a denial.
      .filter((part, i, all) => part !== '' && !(part === 'no' && i > 0 && i === all.length - 1))
  );
}

/** Adds the ideas of every Chinese term that starts at `at`. */
export function markChinese(text: string, at: number, ideas: Ideas): void {
  const terms = chinese.get(text.charAt(at));
  if (!terms) return;
  for (const term of terms)
    if (term.text.length === 1 || text.startsWith(term.text, at)) ideas.add(term.idea);
}

/** Adds the ideas of the words from `at` on: the word's own and those of the phrases that begin with it. */
export function markWord(sequence: readonly Word[], at: number, ideas: Ideas): void {
  const word = sequence[at];
  if (!word) return;
  if (word.ideas) ideas.addAll(word.ideas);
  let node = word.phrases;
  for (let i = at + 1; node; i++) {
    const text = sequence[i]?.text;
    if (text === undefined) return;
    for (const { stem, idea } of node.open) if (text.startsWith(stem)) ideas.add(idea);
    node = node.next.get(text);
    if (node) ideas.addAll(node.ideas);
  }
}
