import { globSync, readFileSync } from 'node:fs';
import safeRegex from 'safe-regex2';
import { describe, expect, it } from 'vitest';
import { hostileTexts } from '../../bench/classify.ts';
import { ADVICE_TEXTS } from '../../src/failures/advice-texts.ts';
import {
  classifyMessage,
  createClassifier,
  explain,
  meaningOfRule,
  shortMessage,
  suggestion,
  UnsafePatternError,
} from '../../src/failures/index.ts';
import { DOCUMENTED_PATTERNS, hasPieces } from '../../src/failures/rules/documented.ts';
import { WORD_RULES } from '../../src/failures/rules/words.ts';

describe('the documented patterns', () => {
  it.each(DOCUMENTED_PATTERNS)(
    '$source is found by its id and means its category',
    ({ id, source, meaning, pieces }) => {
      expect(meaningOfRule(id)).toEqual(meaning);
      const text = source.replaceAll('.*', ' ').toUpperCase();
      expect(classifyMessage(text).category).toMatch(new RegExp(`_${meaning.kind}$`));
      expect(hasPieces(text.toLowerCase(), pieces)).toBe(new RegExp(source, 'i').test(text));
    },
  );

  it.each([
    ['connection\ntimeout', ['connection', 'timeout'], false],
    ['timeout connection', ['connection', 'timeout'], false],
    ['connection\nconnection a timeout', ['connection', 'timeout'], true],
    ['nothing', ['connection', 'timeout'], false],
  ])('match as the regular expression does: %j', (text, pieces, found) => {
    expect(hasPieces(text, pieces)).toBe(found);
    expect(new RegExp(pieces.join('.*')).test(text)).toBe(found);
  });
});

describe('the built-in rules', () => {
  it('have ids that differ', () => {
    const ids = [...WORD_RULES, ...DOCUMENTED_PATTERNS].map((rule) => rule.id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('have a suggestion in both languages', () => {
    for (const rule of WORD_RULES) {
      expect(ADVICE_TEXTS[rule.meaning.advice].en, rule.id).toMatch(/\.$/);
      expect(ADVICE_TEXTS[rule.meaning.advice]['zh-CN'], rule.id).toMatch(/。$/);
    }
  });

  it('use no regular expression that could run away', () => {
    const sources = globSync('src/failures/**/*.ts').flatMap((file) => {
      const code = readFileSync(file, 'utf8').replaceAll(/^\s*(?:\/\/|\*|\/\*).*$/gm, '');
      return [
        ...code.matchAll(
          /(?<=[(=,:&|!?]\s?|^\s+)\/(?![/*])((?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n])+)\/[a-z]*/gm,
        ),
      ].map(([, source = '']) => ({ file, source }));
    });
    expect(sources.length).toBeGreaterThan(10);
    for (const { file, source } of sources) expect(safeRegex(source), `${file}: /${source}/`).toBe(true);
  });

  it.each(hostileTexts())('read a bounded part of %s', (_, text) => {
    expect(classifyMessage(text).explanation.length).toBeLessThan(400);
  });
});

describe('rules of a configuration', () => {
  const classifier = createClassifier({
    rules: [
      { id: 'vip', category: 'vip_only', patterns: ['custom.*error.*pattern'], suggestion: { en: 'Ask.' } },
      { category: 'recoverable_network', codes: ['E_LINE'] },
      {
        category: 'unrecoverable_data',
        patterns: ['^bad parcel'],
        taskTypes: ['tracking_update'],
        retryType: 'unknown_error',
      },
    ],
  });

  it('come before the built-in ones and may have categories of their own', () => {
    expect(classifier.classifyMessage('Custom ECONNRESET error, some pattern')).toMatchObject({
      category: 'vip_only',
      retryType: null,
      rule: 'custom.vip',
      explanation: 'The rule custom.vip of the configuration applies to “Custom … error … pattern”.',
    });
  });

  it('match codes', () => {
    const error = Object.assign(new Error('x'), { code: 'E_LINE' });
    expect(classifier.classify(error)).toMatchObject({
      category: 'recoverable_network',
      retryType: 'network_error',
    });
  });

  it('may be for some types of task only', () => {
    const text = 'bad parcel';
    expect(classifier.classifyMessage(text, { taskType: 'tracking_update' }).retryType).toBe('unknown_error');
    expect(classifier.classifyMessage(text, { taskType: 'login' }).rule).not.toMatch(/^custom/);
  });

  it.each([
    ['(a+)+$', 'a repetition stands inside a repetition'],
    ['(a|a)*b', 'a choice between alternatives is repeated'],
    ['(a|ab){2,}c', 'a choice between alternatives is repeated'],
    ['x\\s+\\w+y', 'several unbounded repetitions'],
    ['(.)\\1', 'refers back'],
    ['a{1,5000}', 'repeats more than 100 times'],
    ['(', 'Invalid regular expression'],
    ['a'.repeat(501), 'longer than 500'],
    ['a.*'.repeat(12), 'more than 10 pieces'],
  ])('are refused when a pattern could run away or is none: %s', (pattern, why) => {
    const make = () => createClassifier({ rules: [{ category: 'x', patterns: [pattern] }] });
    expect(make).toThrow(UnsafePatternError);
    expect(make).toThrow(why);
  });

  it('are refused when they could never apply or name a retry type that does not exist', () => {
    expect(() => createClassifier({ rules: [{ id: 'e', category: 'x' }] })).toThrow('custom.e has neither');
    const retryType = 'net' as 'network_error';
    expect(() => createClassifier({ rules: [{ category: 'x', codes: ['A'], retryType }] })).toThrow(
      'retry type net',
    );
  });
});

describe('texts for people', () => {
  const full = classifyMessage('write: no space left on device');
  it('explain in both languages', () => {
    expect(explain(full, 'en')).toBe(full.explanation);
    expect(explain(full, 'zh-CN')).toMatch(/^判定为本机系统错误：依据“.*no space left.*”（规则 .*）。$/);
    expect(explain(classifyMessage(''), 'zh-CN')).toBe('判定为未知错误：没有可用的线索（规则 unknown）。');
  });

  it('suggest what to do', () => {
    expect(suggestion(full, 'en')).toMatch(/disk space/);
    expect(suggestion(full, 'zh-CN')).toMatch(/磁盘空间/);
    expect(suggestion(classifyMessage('x'), 'en')).toMatch(/log of the task/);
  });

  it('are one line of at most 500 characters', () => {
    expect(shortMessage(new Error('a\n  b\tc'))).toBe('a b c');
    expect(shortMessage('x'.repeat(9999))).toHaveLength(500);
    expect(shortMessage({ message: 'm' })).toBe('m');
    expect(shortMessage({ n: 1 })).toBe('{"n":1}');
    expect(shortMessage(new TypeError())).toBe('TypeError');
    expect(shortMessage(null)).toBe('null');
    expect(shortMessage({ big: 1n })).toBe('an object');
  });
});
