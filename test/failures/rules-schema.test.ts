import { describe, expect, test } from 'vitest';
import { createClassifier, customRules, rulesSchema, suggestion } from '../../src/failures/index.ts';

const problemsOf = (rules: unknown) =>
  rulesSchema.safeParse(rules).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ??
  [];

describe('rules of a file', () => {
  test('reach the classifier with all that they say', () => {
    const rules = customRules(
      rulesSchema.parse([
        {
          id: 'courier-night',
          category: 'recoverable_courier',
          patterns: ['courier.*closed'],
          codes: ['COURIER_CLOSED'],
          task_types: ['tracking_update'],
          retry_type: 'rate_limit_error',
          suggestion: { en: 'Try again after six.' },
        },
      ]),
    );
    const { classifyMessage } = createClassifier({ rules });
    const said = classifyMessage('the courier is closed', { taskType: 'tracking_update' });
    expect(said).toMatchObject({
      category: 'recoverable_courier',
      retryType: 'rate_limit_error',
      rule: 'custom.courier-night',
    });
    expect(classifyMessage('the courier is closed', { taskType: 'login' }).rule).not.toMatch(/^custom/);
  });

  test('are refused with all problems at once, each with its place', () => {
    const problems = problemsOf([
      { id: 'a', category: 'Bad Name', patterns: ['(a+)+$', '(', 'fine'] },
      { id: 'b', category: 'unknown' },
      { id: 'c', category: 'unknown', patterns: ['x'], retry_type: 'often', wait: 3 },
    ]);
    for (const place of [
      /^0\.category: /,
      /^0\.patterns\.0: .*repetition/,
      /^0\.patterns\.1: .*refused/,
      /^1: has neither patterns nor codes/,
      /^2\.retry_type: /,
      /^2: .*"wait"/,
    ])
      expect(problems).toContainEqual(expect.stringMatching(place));
    expect(problems).toHaveLength(6);
  });

  test('have ids of their own', () => {
    const rule = { id: 'a', category: 'unknown', patterns: ['x'] };
    expect(problemsOf([rule, rule])).toEqual([expect.stringMatching(/^1\.id: "a" is the id of rule 1/)]);
  });
});

describe('what a rule advises', () => {
  const classifier = (texts: Record<string, string> | undefined) =>
    createClassifier({
      rules: [{ category: 'unrecoverable_data', patterns: ['odd'], ...(texts ? { suggestion: texts } : {}) }],
    });

  test('reaches people in their language, for messages and for errors', () => {
    const { classify, classifyMessage } = classifier({ 'zh-CN': '请联系仓库', en: 'Call the warehouse' });
    for (const said of [classifyMessage('odd'), classify(new Error('odd'))]) {
      expect(suggestion(said, 'zh-CN')).toBe('请联系仓库');
      expect(suggestion(said, 'en')).toBe('Call the warehouse');
    }
  });

  test('in one language serves both; of none the category’s advice is given', () => {
    expect(suggestion(classifier({ en: 'Call the warehouse' }).classifyMessage('odd'), 'zh-CN')).toBe(
      'Call the warehouse',
    );
    expect(suggestion(classifier(undefined).classifyMessage('odd'), 'en')).not.toBe('');
  });
});
