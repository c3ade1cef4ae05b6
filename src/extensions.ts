/**
 * What users bring in code: modules that the configuration names under `extensions`.
 *
 * ```ts
 * // rekindle-extension.ts
 * import { defineExtension } from 'rekindle';
 *
 * export default defineExtension({
 *   rules: [{ category: 'recoverable_courier', patterns: ['courier .* maintenance'] }],
 *   strategies: { special_task: ({ recoveryAttempts: n }) => ({ delay: 60 * 2 ** n, strategy: 'doubling', max_attempts: 5 }) },
 *   secrets: { vault: async (name, { signal }) => await readFromVault(name, signal) },
 *   canRecover: { receipt_generation: ({ checkpoint }) => checkpoint !== null || 'nothing was printed yet: ask the office' },
 *   handlers: { order_processing: async (digest) => notifyCustomerService(digest) },
 * });
 * ```
 */
import { pathToFileURL } from 'node:url';
import type { Config } from './config.ts';
import { RekindleError } from './domain/error-codes.ts';
import type { RecoveryHandler, RecoveryStrategy } from './domain/failed-run.ts';
import { isPlainObject } from './domain/json.ts';
import type { RecoveryRule } from './domain/recovery-policy.ts';
import type { CustomRule } from './failures/custom-rules.ts';
import type { ShutdownHandler } from './lifecycle/shutdown.ts';
import type { CustomNotifications } from './notify/index.ts';
import { PROVIDER_NAME, type SecretProvider, TAKEN_NAMES } from './secrets/resolver.ts';

/** One module's additions. All fields are optional. */
export interface Extension extends CustomNotifications {
  /** Rules of the classifier, tried before the built-in ones and after those of the configuration. */
  readonly rules?: readonly CustomRule[];
  /** How categories are handled, built-in ones or the user's own. */
  readonly categories?: Readonly<Record<string, RecoveryRule>>;
  /** By task type: how failed tasks of that type are recovered. */
  readonly strategies?: Readonly<Record<string, RecoveryStrategy>>;
  /** By task type: whether a failed task can go on. Asked before each recovery that nobody forces. */
  readonly canRecover?: Readonly<Record<string, RecoveryHandler>>;
  /** Where secrets of tasks are kept: `vault` fetches what `vault:NAME` stands for, inside activities only. */
  readonly secrets?: Readonly<Record<string, SecretProvider>>;
  /**
   * Runs in a process that did tasks (of `mirror run`: in that one), after its last step has saved its state and before
   * it ends: in order, each within its time. One that throws or hangs is named in the log and stops nothing.
   */
  readonly onShutdown?: readonly ShutdownHandler[];
  /** The same, after all of {@link onShutdown}. */
  readonly onCleanUp?: readonly ShutdownHandler[];
}

/** All additions of configuration and code together. */
export type Extensions = Required<Extension>;

const FIELDS = [
  'rules',
  'categories',
  'strategies',
  'canRecover',
  'channels',
  'handlers',
  'secrets',
  'onShutdown',
  'onCleanUp',
] as const;
const LISTS = ['rules', 'onShutdown', 'onCleanUp'] as const;

/** Gives an extension its type; does nothing else. */
export function defineExtension(extension: Extension): Extension {
  return extension;
}

/**
 * Loads the modules that the configuration names and puts them together with what the configuration says itself. Of
 * two that say something about the same name the later one counts, code after configuration.
 * @throws {RekindleError} INVALID_CONFIG, listing everything that is wrong with every module.
 */
export async function loadExtensions({ extensions, failure }: Config): Promise<Extensions> {
  const problems: string[] = [];
  const loaded = await Promise.all(extensions.map((path) => loadModule(path, problems)));
  const all = loaded.filter((one) => one !== undefined);
  const merged: Extensions = {
    rules: [...failure.rules, ...all.flatMap(({ rules }) => rules ?? [])],
    categories: Object.assign({}, failure.categories, ...all.map(({ categories }) => categories)),
    strategies: Object.assign({}, failure.strategies, ...all.map(({ strategies }) => strategies)),
    canRecover: Object.assign({}, ...all.map(({ canRecover }) => canRecover)),
    channels: Object.assign({}, ...all.map(({ channels }) => channels)),
    handlers: Object.assign({}, ...all.map(({ handlers }) => handlers)),
    onShutdown: all.flatMap(({ onShutdown }) => onShutdown ?? []),
    onCleanUp: all.flatMap(({ onCleanUp }) => onCleanUp ?? []),
    secrets: Object.assign({}, ...all.map(({ secrets }) => secrets)),
  };
  if (problems.length === 0) problems.push(...(await problemsOfRules(merged.rules)));
  if (problems.length === 0) return merged;
  const list = problems.map((problem) => `  - ${problem}`).join('\n');
  throw new RekindleError('INVALID_CONFIG', `the extensions have problems:\n${list}`, {
    hint: 'Correct what is listed; nothing was started.',
  });
}

async function loadModule(path: string, problems: string[]): Promise<Extension | undefined> {
  let module: { readonly default?: unknown };
  try {
    module = (await import(pathToFileURL(path).href)) as typeof module;
  } catch (error) {
    problems.push(`${path} cannot be loaded: ${(error as Error).message}`);
    return undefined;
  }
  const extension = module.default;
  if (!isPlainObject(extension)) {
    problems.push(`${path} has no default export of an extension (see defineExtension)`);
    return undefined;
  }
  const found = problemsOf(extension).map((problem) => `${path}: ${problem}`);
  problems.push(...found);
  return found.length === 0 ? (extension as Extension) : undefined;
}

function problemsOf(extension: Record<string, unknown>): string[] {
  const known: readonly string[] = FIELDS;
  const unknown = Object.keys(extension).filter((key) => !known.includes(key));
  const { rules, onShutdown, onCleanUp, ...maps } = extension;
  const notLists = LISTS.filter((key) => extension[key] !== undefined && !Array.isArray(extension[key]));
  return [
    ...unknown.map((key) => `${key} is no field of an extension (${FIELDS.join(', ')})`),
    ...notLists.map((key) => `${key} is no list`),
    ...problemsOfHandlers(onShutdown, 'onShutdown'),
    ...problemsOfHandlers(onCleanUp, 'onCleanUp'),
    ...Object.entries(maps).flatMap(([key, value]) =>
      !known.includes(key) || value === undefined || isPlainObject(value)
        ? []
        : [`${key} is no object with names`],
    ),
    ...namesWithout(extension.handlers, 'handlers', (value) => typeof value === 'function'),
    ...namesWithout(extension.canRecover, 'canRecover', (value) => typeof value === 'function'),
    ...namesWithout(
      extension.strategies,
      'strategies',
      (value) => typeof value === 'function' || isPlainObject(value),
    ),
    ...namesWithout(extension.channels, 'channels', isChannel),
    ...namesWithout(extension.secrets, 'secrets', (value) => typeof value === 'function'),
    ...namesTaken(extension.secrets),
  ];
}

function namesWithout(map: unknown, field: string, isRight: (value: unknown) => boolean): string[] {
  if (!isPlainObject(map)) return [];
  return Object.entries(map).flatMap(([name, value]) =>
    isRight(value) ? [] : [`${field}.${name} is not what it has to be`],
  );
}

function namesTaken(secrets: unknown): string[] {
  return Object.keys(isPlainObject(secrets) ? secrets : {}).flatMap((name) => {
    if (TAKEN_NAMES.includes(name)) return [`secrets.${name}: this name has a meaning already`];
    return PROVIDER_NAME.test(name) ? [] : [`secrets.${name}: a name is a-z, 0-9 and -, 31 at most`];
  });
}

function problemsOfHandlers(handlers: unknown, field: string): string[] {
  if (!Array.isArray(handlers)) return [];
  return handlers.flatMap((handler: Partial<ShutdownHandler> | null, at) => {
    const { name, run, timeoutMs = 1 } = handler ?? {};
    const right = typeof name === 'string' && typeof run === 'function' && timeoutMs > 0;
    return right ? [] : [`${field}[${at}] is no {name, run, timeoutMs}`];
  });
}

/** A class instance is no plain object, and may be a channel. */
function isChannel(value: unknown): boolean {
  return typeof (value as { deliver?: unknown } | null)?.deliver === 'function';
}

async function problemsOfRules(rules: readonly CustomRule[]): Promise<string[]> {
  if (rules.length === 0) return [];
  // A third of what a worker has to load: hardly anybody has rules to check.
  const { createClassifier } = await import('./failures/classify.ts');
  return rules.flatMap((rule) => {
    try {
      createClassifier({ rules: [rule] });
      return [];
    } catch (error) {
      return [(error as Error).message];
    }
  });
}
