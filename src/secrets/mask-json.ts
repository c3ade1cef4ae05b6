import { isPlainObject } from '../domain/json.ts';
import { MASK, maskText } from './mask-text.ts';
import { REFERENCE } from './references.ts';
import { isSecretField } from './secret-fields.ts';

/**
 * JSON as people may see it: texts as {@link maskText} shows them, and fields that hold secrets by their name as
 * `***`. References (`env:NAME`) stay: they say where a secret is, not what.
 */
export function maskJson<T>(value: T, replacement = MASK): T {
  return masked(value, false, replacement) as T;
}

function masked(value: unknown, secret: boolean, replacement: string): unknown {
  if (typeof value === 'string') {
    if (!secret || value === '' || REFERENCE.test(value)) return maskText(value);
    return replacement;
  }
  if (Array.isArray(value)) return value.map((one) => masked(one, secret, replacement));
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [
      name,
      masked(one, secret || isSecretField(name), replacement),
    ]),
  );
}
