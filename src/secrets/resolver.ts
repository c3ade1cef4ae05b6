import { isRekindleError, RekindleError } from '../domain/error-codes.ts';
import type { ReadReference } from './references.ts';
import { Secret } from './secret.ts';

/**
 * Fetches a secret from where the user keeps it. `vault:db/password` asks the provider `vault` for `db/password`. It
 * throws when there is none; its words reach people, so they hold no secret.
 */
export type SecretProvider = (
  name: string,
  options: { readonly signal: AbortSignal },
) => string | Promise<string>;

/**
 * Resolves a reference, each time anew, so that a changed secret counts from the next step on.
 * Activities are the only ones to call it: what they get stays in their memory.
 * @throws {RekindleError} SECRET_UNREADABLE
 */
export type SecretResolver = (reference: string, signal?: AbortSignal) => Promise<Secret>;

/** Where a {@link SecretResolver} looks. */
export interface SecretPlaces {
  /** For `env:` and `file:`. */
  readonly read: ReadReference;
  /** By the word before the colon. */
  readonly providers?: Readonly<Record<string, SecretProvider>>;
}

/** A word that may stand before the colon. */
export const PROVIDER_NAME = /^[a-z][a-z0-9-]{0,30}$/;
/** Words that mean something already. */
export const TAKEN_NAMES: readonly string[] = ['env', 'file', 'http', 'https'];

const TIMEOUT_MS = 30_000;

/** Makes the resolver that activities are given. */
export function createSecretResolver({ read, providers = {} }: SecretPlaces): SecretResolver {
  return async (reference, signal) => {
    const [, kind = '', name = ''] = /^([^:]*):(.+)$/s.exec(reference) ?? [];
    if (kind === 'env' || kind === 'file') return new Secret(readNow(read, kind, name));
    const provider = Object.hasOwn(providers, kind) ? providers[kind] : undefined;
    // What is no reference may be the secret itself, so no word of it is told.
    if (!provider) throw noReference(Object.keys(providers));
    const timeout = AbortSignal.timeout(TIMEOUT_MS);
    return await ask(kind, name, provider, signal ? AbortSignal.any([signal, timeout]) : timeout);
  };
}

function readNow(read: ReadReference, kind: 'env' | 'file', name: string): string {
  try {
    return read(kind, name);
  } catch (error) {
    throw unreadable((error as Error).message, 'Put it right where the worker runs, then recover the task.');
  }
}

async function ask(
  kind: string,
  name: string,
  provider: SecretProvider,
  signal: AbortSignal,
): Promise<Secret> {
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  let value: unknown;
  try {
    value = await Promise.race([provider(name, { signal }), aborted]);
  } catch (error) {
    if (isRekindleError(error) || error === signal.reason) throw error;
    // What a provider says of itself (a server that is down, a refusal) decides what it means.
    throw new Error(`the secret ${kind}:${name} could not be fetched: ${(error as Error).message}`, {
      cause: error,
    });
  }
  if (typeof value === 'string' && value !== '') return new Secret(value);
  throw unreadable(`the provider ${kind} has no secret ${name}`, 'Put it there, then recover the task.');
}

function noReference(providers: readonly string[]): RekindleError {
  const forms = ['env:NAME', 'file:PATH', ...providers.map((name) => `${name}:NAME`)].join(', ');
  return unreadable('a secret is given in a form that is no reference', `Give it as one of: ${forms}.`);
}

function unreadable(message: string, hint: string): RekindleError {
  return new RekindleError('SECRET_UNREADABLE', message, { hint });
}
