/**
 * Files and environment → one frozen, validated {@link Config}. The only reader of the environment.
 *
 * Order of precedence: options given to {@link loadConfig} (command-line flags), environment variables,
 * `rekindle.yaml`, defaults.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { type CategoryFile, type ConfigFile, configFileSchema, type StrategyFile } from './config-schema.ts';
import type { Config, ConfigOverrides, TemporalSettings, TlsSettings } from './config-types.ts';
import { RekindleError } from './domain/error-codes.ts';
import { type RecoveryRule, recoveryRuleOf } from './domain/recovery-policy.ts';
import {
  DEFAULT_RETRY_POLICY,
  RETRY_ERROR_TYPES,
  type RetryPolicy,
  type RetryStrategy,
} from './domain/retry-policy.ts';
import { customRules } from './failures/rules-schema.ts';
import { thresholdsOf } from './monitoring/thresholds-schema.ts';
import { notificationProblems, notificationSettings } from './notify/resolve-settings.ts';
import { encryptionProblems, encryptionSettings } from './secrets/encryption-settings.ts';
import { type ReadReference, referenceReader } from './secrets/references.ts';
import { sessionProblems, sessionSettings } from './secrets/session-settings.ts';

export type { Config, ConfigOverrides, TemporalSettings, TlsSettings } from './config-types.ts';

const SECOND = 1000;
const HOUR = 3600 * SECOND;
const DAY = 24 * HOUR;

/**
 * Reads, validates and freezes the configuration.
 * @throws {RekindleError} `INVALID_CONFIG`, listing every problem with its key or variable.
 */
export function loadConfig(overrides: ConfigOverrides = {}, env: NodeJS.ProcessEnv = process.env): Config {
  const problems: string[] = [];
  const { file, settings } = readSettings(overrides, env, problems);
  const temporal = readTemporal(env, problems);
  if (problems.length > 0) throw invalid(problems);
  return deepFreeze(assemble(file, settings, temporal, env));
}

/**
 * The language for what is said before the configuration can be used, or because it cannot. Never throws: a setting
 * that is wrong is passed over.
 */
export function localeOf(overrides: ConfigOverrides, env: NodeJS.ProcessEnv = process.env): Config['locale'] {
  const places = [() => overrides.locale, () => env.REKINDLE_LOCALE, () => localeOfFile(overrides, env)];
  for (const place of places) {
    const locale = place();
    if (locale === 'en' || locale === 'zh-CN') return locale;
  }
  return 'zh-CN';
}

function localeOfFile(overrides: ConfigOverrides, env: NodeJS.ProcessEnv): unknown {
  const file = findFile(overrides, env, []);
  return file ? parseFile(file, []).locale : undefined;
}

function invalid(problems: readonly string[]): RekindleError {
  const list = problems.map((p) => `  - ${p}`).join('\n');
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
  return new RekindleError('INVALID_CONFIG', `the configuration has ${count}:\n${list}`, {
    hint: 'Correct what is listed; nothing was started.',
  });
}

/** Finds `rekindle.yaml`: the flag, REKINDLE_CONFIG, the working directory, the data directory. */
function findFile(overrides: ConfigOverrides, env: NodeJS.ProcessEnv, problems: string[]): string | null {
  const named = overrides.configFile ?? env.REKINDLE_CONFIG;
  if (named) {
    if (existsSync(named)) return resolve(named);
    problems.push(`configuration file ${resolve(named)} does not exist`);
    return null;
  }
  const dataDir = overrides.dataDir ?? env.REKINDLE_DATA_DIR ?? 'data';
  const places = ['rekindle.yaml', join(dataDir, 'rekindle.yaml')];
  const found = places.find((place) => existsSync(place));
  return found ? resolve(found) : null;
}

function readSettings(overrides: ConfigOverrides, env: NodeJS.ProcessEnv, problems: string[]) {
  const file = findFile(overrides, env, problems);
  const fromFile = file ? parseFile(file, problems) : {};
  const fromEnv = settingsOfEnvironment(overrides, env);
  const merged = merge(fromFile, fromEnv.settings);
  const parsed = configFileSchema.safeParse(merged);
  const read = referencesOf({ file }, env);
  const found = [
    ...(parsed.error?.issues ?? []).map(({ path, message }) => [path.join('.'), message] as const),
    ...notificationProblems(merged.notification, read),
    ...encryptionProblems(merged.encryption, read),
    ...sessionProblems(merged.sessions, read),
  ];
  for (const [key, message] of found) {
    const origin = fromEnv.origins.get(key) ?? (file ? `${file}: ${key || 'top level'}` : key);
    problems.push(`${origin}: ${message}`);
  }
  if (parsed.success) return { file, settings: parsed.data };
  return { file, settings: configFileSchema.parse({}) };
}

function parseFile(file: string, problems: string[]): Record<string, unknown> {
  const text = readText(file, problems);
  // Loaded for a file only: it takes 30 ms, and most commands have none to read.
  const { parseDocument } = createRequire(import.meta.url)('yaml') as typeof import('yaml');
  const document = parseDocument(text, { prettyErrors: true });
  for (const error of document.errors) problems.push(`${file}: ${error.message.split('\n')[0]}`);
  if (document.errors.length > 0) return {};
  const value: unknown = document.toJS();
  if (value === null) return {};
  if (typeof value === 'object' && !Array.isArray(value)) return value as Record<string, unknown>;
  problems.push(`${file}: expected keys and values at the top level`);
  return {};
}

function readText(file: string, problems: string[]): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    problems.push(`${file} cannot be read: ${(error as Error).message}`);
    return '';
  }
}

/** Reads `env:NAME` and `file:PATH`; files are relative to the configuration file. */
export function referencesOf(
  { file }: Pick<Config, 'file'>,
  env: NodeJS.ProcessEnv = process.env,
): ReadReference {
  return referenceReader({ env, base: file ? dirname(file) : process.cwd() });
}

/** Environment variable → key of the configuration file. */
const ENVIRONMENT: readonly (readonly [
  variable: string,
  key: string,
  kind: 'text' | 'number' | 'boolean',
])[] = [
  ['REKINDLE_DATA_DIR', 'data_dir', 'text'],
  ['REKINDLE_LOCALE', 'locale', 'text'],
  ['REKINDLE_LOG_LEVEL', 'log_level', 'text'],
  ['REKINDLE_TASK_QUEUE', 'task_queue', 'text'],
  ['REKINDLE_TEMPORAL_CLI', 'engine.executable', 'text'],
  ['REKINDLE_CACHE_DIR', 'engine.cache_dir', 'text'],
  ['REKINDLE_DATABASE_PATH', 'recovery.database.path', 'text'],
  ['FAILURE_RECOVERY_ENABLED', 'failure.recovery_enabled', 'boolean'],
  ['FAILURE_NOTIFICATION_ENABLED', 'failure.notification_enabled', 'boolean'],
  ['FAILURE_SCAN_INTERVAL_MINUTES', 'failure.scan_interval_minutes', 'number'],
  ['FAILURE_MAX_RECOVERY_ATTEMPTS', 'failure.max_recovery_attempts', 'number'],
];

function settingsOfEnvironment(overrides: ConfigOverrides, env: NodeJS.ProcessEnv) {
  const settings: Record<string, unknown> = {};
  const origins = new Map<string, string>();
  const set = (key: string, value: unknown, origin: string): void => {
    origins.set(key, origin);
    const path = key.split('.');
    const last = path.pop() as string;
    let place = settings;
    for (const part of path) {
      place[part] ??= {};
      place = place[part] as Record<string, unknown>;
    }
    place[last] = value;
  };
  for (const [variable, key, kind] of ENVIRONMENT) {
    const text = env[variable];
    if (text !== undefined && text !== '') set(key, convert(text, kind), variable);
  }
  if (overrides.dataDir) set('data_dir', overrides.dataDir, '--data-dir');
  if (overrides.locale) set('locale', overrides.locale, '--locale');
  if (overrides.logLevel) set('log_level', overrides.logLevel, '--log-level');
  return { settings, origins };
}

/** Text that is no number or boolean stays text, so that the schema names it in its message. */
function convert(text: string, kind: 'text' | 'number' | 'boolean'): unknown {
  if (kind === 'number') return Number.isNaN(Number(text)) ? text : Number(text);
  if (kind === 'boolean')
    return /^(true|1|yes|on)$/i.test(text) ? true : /^(false|0|no|off)$/i.test(text) ? false : text;
  return text;
}

function merge(below: Record<string, unknown>, above: Record<string, unknown>): Record<string, unknown> {
  const result = { ...below };
  for (const [key, value] of Object.entries(above)) {
    const under = result[key];
    const both = isRecord(under) && isRecord(value);
    result[key] = both ? merge(under, value) : value;
  }
  return result;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Temporal's own variables and profiles; nothing of them set means the embedded server. */
function readTemporal(
  env: NodeJS.ProcessEnv,
  problems: string[],
): (TemporalSettings & { namespace: string }) | null {
  try {
    const config = loadClientConnectConfig({ overrideEnvVars: definedOnly(env) });
    const address = config.connectionOptions.address;
    if (!address) return null;
    return {
      address,
      namespace: config.namespace ?? 'default',
      apiKey:
        typeof config.connectionOptions.apiKey === 'string' ? config.connectionOptions.apiKey : undefined,
      tls: (config.connectionOptions.tls ?? false) as TlsSettings | boolean,
      metadata: (config.connectionOptions.metadata ?? {}) as Record<string, string>,
    };
  } catch (error) {
    problems.push(`Temporal's settings: ${(error as Error).message}`);
    return null;
  }
}

function definedOnly(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

function assemble(
  file: string | null,
  settings: ConfigFile,
  temporal: (TemporalSettings & { namespace: string }) | null,
  env: NodeJS.ProcessEnv,
): Config {
  const base = file ? dirname(file) : process.cwd();
  const dataDir = resolve(settings.data_dir ?? 'data');
  const { database, retry, cleanup } = settings.recovery;
  return {
    dataDir,
    file,
    locale: settings.locale,
    logLevel: settings.log_level,
    temporal,
    namespace: temporal?.namespace ?? env.TEMPORAL_NAMESPACE ?? 'default',
    taskQueue: settings.task_queue,
    extensions: settings.extensions.map((path) => resolve(base, path)),
    engine: {
      synchronous: settings.engine.synchronous,
      executable: settings.engine.executable ?? null,
      cacheDir: resolve(settings.engine.cache_dir ?? defaultCacheDir(env)),
      port: settings.engine.port,
      uiPort: settings.engine.ui_port,
      retentionMs: settings.engine.retention_days * DAY,
    },
    database: {
      path: database.path ? resolve(base, database.path) : join(dataDir, 'recovery.db'),
      backupIntervalMs: database.backup_interval * SECOND,
      backupKeep: { last: database.backup_keep, days: database.backup_keep_days },
      maxConnections: database.max_connections,
      reconcileMs: database.reconcile_interval * SECOND,
    },
    retry: retryPolicy(retry),
    cleanup: {
      completedTaskRetentionMs: cleanup.completed_task_retention * HOUR,
      sessionTimeoutMs: cleanup.session_timeout * SECOND,
      logRetentionMs: cleanup.log_retention * HOUR,
      failureRetentionMs: cleanup.failure_retention * HOUR,
    },
    failure: {
      recoveryEnabled: settings.failure.recovery_enabled,
      notificationEnabled: settings.failure.notification_enabled,
      scanIntervalMs: settings.failure.scan_interval_minutes * 60 * SECOND,
      maxRecoveryAttempts: settings.failure.max_recovery_attempts ?? null,
      rules: customRules(settings.failure.rules),
      categories: recoveryRules(settings.failure.categories),
      strategies: settings.failure.strategies,
    },
    alerts: thresholdsOf(settings.alerts),
    encryption: encryptionSettings(settings.encryption, referencesOf({ file }, env)),
    sitesDir: resolve(base, settings.sites_dir),
    sessions: sessionSettings(settings.sessions, referencesOf({ file }, env)),
    browser: {
      executable: settings.browser.executable ? resolve(base, settings.browser.executable) : null,
      path: env.PATH ?? '',
    },
    notification: notificationSettings(settings.notification, referencesOf({ file }, env)),
    download: {
      connections: settings.download.connections,
      stallTimeoutMs: settings.download.stall_timeout * SECOND,
      connectTimeoutMs: settings.download.connect_timeout * SECOND,
      maxRedirects: settings.download.max_redirects,
      directories: settings.download.directories?.map((path) => resolve(base, path)) ?? null,
      maxBytes: settings.download.max_bytes ?? null,
      maxDurationMs:
        settings.download.max_duration === undefined ? null : settings.download.max_duration * SECOND,
      loginWaitMs: settings.download.login_wait * SECOND,
    },
    network: {
      allowPrivate: settings.network.allow_private,
      allow: settings.network.allow,
      deny: settings.network.deny,
    },
    worker: {
      hotSpare: settings.worker.hot_spare,
      maxConcurrentSteps: settings.worker.max_concurrent_steps,
      shutdownGraceMs: settings.worker.shutdown_grace * SECOND,
    },
  };
}

function defaultCacheDir(env: NodeJS.ProcessEnv): string {
  return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'rekindle');
}

function retryPolicy(file: ConfigFile['recovery']['retry']): RetryPolicy {
  const entries = RETRY_ERROR_TYPES.map(
    (type) => [type, strategy(DEFAULT_RETRY_POLICY[type], file[type])] as const,
  );
  return Object.fromEntries(entries) as RetryPolicy;
}

function recoveryRules(file: Readonly<Record<string, CategoryFile>>): Record<string, RecoveryRule> {
  const entries = Object.entries(file).map(
    ([category, given]) => [category, recoveryRule(recoveryRuleOf(category), given)] as const,
  );
  return Object.fromEntries(entries);
}

function recoveryRule(
  documented: RecoveryRule,
  { delays, max_attempts, notify }: CategoryFile,
): RecoveryRule {
  return {
    delaysMs: delays?.map((s) => s * SECOND) ?? documented.delaysMs,
    maxAttempts: max_attempts ?? delays?.length ?? documented.maxAttempts,
    audience: notify ?? documented.audience,
  };
}

function strategy(defaults: RetryStrategy, file: StrategyFile | undefined): RetryStrategy {
  if (!file) return defaults;
  return {
    maxAttempts: file.max_attempts ?? defaults.maxAttempts,
    baseDelayMs: file.base_delay === undefined ? defaults.baseDelayMs : file.base_delay * SECOND,
    maxDelayMs: file.max_delay === undefined ? defaults.maxDelayMs : file.max_delay * SECOND,
    backoffType: file.backoff_type ?? defaults.backoffType,
    exponentialBase: file.exponential_base ?? defaults.exponentialBase ?? 2,
    jitter: file.jitter ?? defaults.jitter,
  };
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Buffer.isBuffer(value)) {
    for (const inner of Object.values(value)) deepFreeze(inner);
    Object.freeze(value);
  }
  return value;
}
