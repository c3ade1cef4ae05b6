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
  for (const found of nonJsonPlaces(value, path)) return found;
  return undefined;
}

/** All places where `value` would not survive JSON, as {@link findNonJson} names them. */
export function* nonJsonPlaces(value: unknown, path = ''): Generator<string> {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return;
    case 'number':
      if (!Number.isFinite(value)) yield `${path || 'value'} is ${value}`;
      return;
    case 'object':
      if (value !== null) yield* inContainer(value, path);
      return;
    default:
      yield `${path || 'value'} is a ${typeof value}`;
  }
}

function* inContainer(value: object, path: string): Generator<string> {
  if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) yield* nonJsonPlaces(item, `${path}[${i}]`);
  } else if (!isPlainObject(value)) {
    yield `${path || 'value'} is a ${value.constructor.name}`;
  } else {
    for (const [key, item] of Object.entries(value))
      yield* nonJsonPlaces(item, path ? `${path}.${key}` : key);
  }
}
