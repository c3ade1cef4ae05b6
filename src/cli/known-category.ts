import type { Config } from '../config.ts';
import { FAILURE_CATEGORIES } from '../domain/category.ts';
import { RekindleError } from '../domain/error-codes.ts';

/** @throws {RekindleError} INVALID_INPUT when a category is neither built in nor one of the user's own. */
export async function requireCategory(config: Config, category: string): Promise<void> {
  const { loadExtensions } = await import('../extensions.ts');
  const { rules, categories } = await loadExtensions(config);
  const known = new Set<string>([
    ...FAILURE_CATEGORIES,
    ...rules.map((rule) => rule.category),
    ...Object.keys(categories),
  ]);
  if (known.has(category)) return;
  throw new RekindleError('INVALID_INPUT', `"${category}" is no category`, {
    hint: `Use one of ${[...known].join(', ')}.`,
  });
}
