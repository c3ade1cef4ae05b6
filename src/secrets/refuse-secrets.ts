import { RekindleError } from '../domain/error-codes.ts';
import { isPlainObject } from '../domain/json.ts';
import { isSecretField } from './secret-fields.ts';

/**
 * Refuses input of a workflow in which a secret stands in clear: it would be in its history for good. Only references
 * are taken, which activities resolve.
 * @param kinds words before the colon that make a reference. @default env, file
 * @throws {RekindleError} INVALID_INPUT, naming every such field, never its value.
 */
export function refuseSecrets(input: unknown, kinds: readonly string[] = ['env', 'file']): void {
  const found = secretsIn(input, kinds, '', false);
  if (found.length === 0) return;
  const fields = found.join(', ');
  throw new RekindleError('INVALID_INPUT', `${fields}: a secret must not stand in the input of a task`, {
    hint: `Say where it stands: ${kinds.map((kind) => `${kind}:…`).join(' or ')}.`,
  });
}

/** Paths of the fields. Everything below a field that is secret is, too. */
function secretsIn(value: unknown, kinds: readonly string[], path: string, secret: boolean): string[] {
  if (Array.isArray(value)) return value.flatMap((one, i) => secretsIn(one, kinds, `${path}.${i}`, secret));
  if (isPlainObject(value)) {
    return Object.entries(value).flatMap(([name, one]) =>
      secretsIn(one, kinds, path ? `${path}.${name}` : name, secret || isSecretField(name)),
    );
  }
  if (!secret || value === null || value === undefined || typeof value === 'boolean' || value === '')
    return [];
  return typeof value === 'string' && isReference(value, kinds) ? [] : [path];
}

function isReference(text: string, kinds: readonly string[]): boolean {
  const colon = text.indexOf(':');
  return colon > 0 && colon < text.length - 1 && kinds.includes(text.slice(0, colon));
}
