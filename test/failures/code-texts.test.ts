import { describe, expect, it } from 'vitest';
import { ERROR_CODES, type ErrorCode, RekindleError } from '../../src/domain/error-codes.ts';
import { failureOfCode } from '../../src/domain/failure-of-code.ts';
import { CODE_TEXTS, codeOfRule, meaningOfCode } from '../../src/failures/code-texts.ts';
import { classify, explain, suggestion } from '../../src/failures/index.ts';

const codes = Object.keys(ERROR_CODES) as ErrorCode[];

describe("the texts of rekindle's own codes", () => {
  it.each(codes)('%s has a sentence and advice, each in its language', (code) => {
    const { meaning, advice } = CODE_TEXTS[code];
    expect(meaning).toMatch(/^[^.。]*\p{Script=Han}[^.。]*$/u);
    expect(advice['zh-CN']).toMatch(/\p{Script=Han}.*。$/u);
    expect(advice.en).toMatch(/^[^\p{Script=Han}]+\.$/u);
  });

  it('say each something else, so that a reader can tell the codes apart', () => {
    expect(new Set(codes.map((code) => meaningOfCode(code, 'zh-CN'))).size).toBe(codes.length);
    expect(meaningOfCode('DISK_FULL', 'en')).toBe(ERROR_CODES.DISK_FULL.meaning);
  });

  it('explain a failure that a code decided, and suggest what its code suggests', () => {
    const said = classify(new RekindleError('DISK_FULL', 'no room'));
    expect(explain(said, 'zh-CN')).toBe('判定为本机系统错误：磁盘空间或配额已用完（规则 own.DISK_FULL）。');
    expect(suggestion(said, 'zh-CN')).toBe(CODE_TEXTS.DISK_FULL.advice['zh-CN']);
    expect(suggestion(failureOfCode('WORKER_LOST', 'lost', null), 'en')).toBe(
      CODE_TEXTS.WORKER_LOST.advice.en,
    );
  });

  it('leave the codes of others and of other versions alone', () => {
    expect(['code.ECONNRESET', 'own.OF_TOMORROW', 'own.toString', 'text.x'].map(codeOfRule)).toEqual(
      Array.from({ length: 4 }, () => undefined),
    );
    const later = { ...classify(new RekindleError('DISK_FULL', 'x')), rule: 'own.OF_TOMORROW' };
    expect(suggestion(later, 'en')).toContain('docs/errors.md');
  });
});
