import { z } from 'zod';
import { RETRY_ERROR_TYPES } from '../domain/retry-policy.ts';
import type { CustomRule } from './custom-rules.ts';
import { compilePattern, UnsafePatternError } from './pattern.ts';

const text = z.string().trim().min(1);

/** A regular expression that is safe to run on any message; the message says why one is refused. */
const pattern = text.superRefine((source, context) => {
  try {
    compilePattern(source);
  } catch (error) {
    if (!(error instanceof UnsafePatternError)) throw error;
    context.addIssue({ code: 'custom', message: error.message });
  }
});

const rule = z
  .strictObject({
    id: z
      .string()
      .regex(/^[\w.-]{1,60}$/, 'letters, digits, "_", "." and "-", at most 60')
      .optional(),
    category: z
      .string()
      .regex(
        /^[a-z][a-z0-9_]{0,59}$/,
        'a built-in category, or a name of lower-case letters, digits and "_"',
      ),
    patterns: z.array(pattern).optional(),
    codes: z.array(text).optional(),
    task_types: z.array(text).min(1).optional(),
    /** null: such a step is not retried. */
    retry_type: z.enum(RETRY_ERROR_TYPES).nullable().optional(),
    suggestion: z.strictObject({ 'zh-CN': text.optional(), en: text.optional() }).optional(),
  })
  .refine((one) => (one.patterns?.length ?? 0) + (one.codes?.length ?? 0) > 0, {
    message: 'has neither patterns nor codes',
  });

/** Rules as `failure.rules` of the configuration has them, and the file of `rekindle rules test`. */
export const rulesSchema = z.array(rule).superRefine((rules, context) => {
  const seen = new Map<string, number>();
  for (const [i, { id }] of rules.entries()) {
    if (id === undefined) continue;
    const first = seen.get(id);
    if (first === undefined) seen.set(id, i);
    else
      context.addIssue({
        code: 'custom',
        path: [i, 'id'],
        message: `"${id}" is the id of rule ${first + 1} too`,
      });
  }
});
export type RuleFile = z.infer<typeof rulesSchema>[number];

/** The rules under the names the code uses. */
export function customRules(rules: readonly RuleFile[]): CustomRule[] {
  return rules.map(({ id, category, patterns, codes, task_types, retry_type, suggestion }) => ({
    category,
    ...(id === undefined ? {} : { id }),
    ...(patterns === undefined ? {} : { patterns }),
    ...(codes === undefined ? {} : { codes }),
    ...(task_types === undefined ? {} : { taskTypes: task_types }),
    ...(retry_type === undefined ? {} : { retryType: retry_type }),
    ...(suggestion === undefined ? {} : { suggestion: withoutUndefined(suggestion) }),
  }));
}

function withoutUndefined(texts: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(texts).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
