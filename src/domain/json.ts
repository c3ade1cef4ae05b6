/** A value that survives JSON unchanged: what checkpoints, inputs and results are made of. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/** Whether `value` is an object with named fields (no array, no null, no class instance). */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype = Object.getPrototypeOf(value) as unknown;
  return prototype === null || Object.getPrototypeOf(prototype as object) === null;
}

/**
 * Finds the first place where `value` would not survive JSON.
 * @returns its path (`data.chunks[3].size`) with the reason, or undefined when all of it is JSON.
 */
export function findNonJson(value: unknown, path = ''): string | undefined {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return undefined;
    case 'number':
      return Number.isFinite(value) ? undefined : `${path || 'value'} is ${value}`;
    case 'object':
      return value === null ? undefined : findInContainer(value, path);
    default:
      return `${path || 'value'} is a ${typeof value}`;
  }
}

function findInContainer(value: object, path: string): string | undefined {
  if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) {
      const found = findNonJson(item, `${path}[${i}]`);
      if (found) return found;
    }
    return undefined;
  }
  if (!isPlainObject(value)) return `${path || 'value'} is a ${value.constructor.name}`;
  for (const [key, item] of Object.entries(value)) {
    const found = findNonJson(item, path ? `${path}.${key}` : key);
    if (found) return found;
  }
  return undefined;
}
