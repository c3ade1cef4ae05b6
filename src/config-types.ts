import type { NetworkRules } from './domain/network-rules.ts';
import type { CustomRecovery, RecoveryRule } from './domain/recovery-policy.ts';
import type { RetryPolicy } from './domain/retry-policy.ts';
import type { CustomRule } from './failures/custom-rules.ts';
import type { AlertThresholds } from './monitoring/thresholds.ts';
import type { NotificationSettings } from './notify/resolve-settings.ts';
import type { EncryptionSettings } from './secrets/encryption-settings.ts';
import type { SessionSettings } from './secrets/session-settings.ts';

/** How to reach a Temporal server that is not the embedded one. */
export interface TemporalSettings {
  readonly address: string;
  readonly apiKey: string | undefined;
  readonly tls: TlsSettings | boolean;
  readonly metadata: Readonly<Record<string, string>>;
}

/** How the connection to the Temporal server is secured, with the names of its SDK. */
export interface TlsSettings {
  readonly serverNameOverride?: string;
  readonly serverRootCACertificate?: Buffer;
  readonly clientCertPair?: { readonly crt: Buffer; readonly key: Buffer };
}

/** Everything rekindle can be told. Times are in milliseconds. */
export interface Config {
  /** Where rekindle keeps the engine's file, the mirror, logs and reports. @default ./data */
  readonly dataDir: string;
  /** The file the settings came from, if any. */
  readonly file: string | null;
  /** Language of texts for people. @default zh-CN */
  readonly locale: 'zh-CN' | 'en';
  readonly logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** null: the embedded server of the data directory. */
  readonly temporal: TemporalSettings | null;
  /** @default default */
  readonly namespace: string;
  /** @default rekindle */
  readonly taskQueue: string;
  /** Absolute paths of modules with the user's own rules, strategies and channels. */
  readonly extensions: readonly string[];
  readonly engine: {
    /** Durability of the engine's file. `normal` survives any crash of a process, `full` a power cut too. @default normal */
    readonly synchronous: 'normal' | 'full';
    /** The `temporal` executable. @default found or installed, see docs/operations.md */
    readonly executable: string | null;
    /** Where an installed executable is kept, shared by all checkouts. */
    readonly cacheDir: string;
    /** Preferred ports; free ones are taken when they are in use. @default 7233, 8233 */
    readonly port: number;
    readonly uiPort: number;
    /** How long closed tasks stay in Temporal. At least 8 days, since the pattern analysis reads 7. @default 30 days */
    readonly retentionMs: number;
  };
  readonly database: {
    readonly path: string;
    /** 0: no backups by themselves. @default 1 h */
    readonly backupIntervalMs: number;
    /** Backups that are kept: so many of the latest, and the last one of so many days. @default 24, 7 */
    readonly backupKeep: { readonly last: number; readonly days: number };
    readonly maxConnections: number;
    /** Pause between two comparisons of the mirror with all of Temporal. @default 5 min */
    readonly reconcileMs: number;
  };
  readonly retry: RetryPolicy;
  readonly cleanup: {
    readonly completedTaskRetentionMs: number;
    readonly sessionTimeoutMs: number;
    readonly logRetentionMs: number;
    /** How long the mirror keeps failures. @default 30 days */
    readonly failureRetentionMs: number;
  };
  readonly failure: {
    readonly recoveryEnabled: boolean;
    readonly notificationEnabled: boolean;
    readonly scanIntervalMs: number;
    /** Lowers every category's maximum when set. */
    readonly maxRecoveryAttempts: number | null;
    /** The user's own rules of the classifier, tried before the built-in ones. */
    readonly rules: readonly CustomRule[];
    /** How the user wants categories handled, built-in ones or their own. */
    readonly categories: Readonly<Record<string, RecoveryRule>>;
    /** Recovery of failed tasks by their type, instead of by their category. */
    readonly strategies: Readonly<Record<string, CustomRecovery>>;
  };
  /** When alerts are raised. */
  readonly alerts: AlertThresholds;
  /** Keys that encrypt everything in Temporal; null: it is readable there. */
  readonly encryption: EncryptionSettings | null;
  /** Absolute directory with the descriptions of sites. @default sites, beside the configuration file */
  readonly sitesDir: string;
  /** Keys that seal sessions. */
  readonly sessions: SessionSettings;
  readonly browser: {
    /** The Chromium of sites that need JavaScript. @default found in PATH */
    readonly executable: string | null;
    /** Where it is looked for: the variable PATH. */
    readonly path: string;
  };
  /** How people are told; its secrets show as `[secret]` wherever they are printed. */
  readonly notification: NotificationSettings;
  readonly download: {
    /** Connections of one download. @default 4 */
    readonly connections: number;
    /** A transfer that receives nothing for this long is cut. @default 30 s */
    readonly stallTimeoutMs: number;
    readonly connectTimeoutMs: number;
    /** @default 10 */
    readonly maxRedirects: number;
    /** Absolute directories that targets must lie in; null: anywhere. @default null */
    readonly directories: readonly string[] | null;
    /** null: no limit. @default null */
    readonly maxBytes: number | null;
    /** How long a transfer may take in all; null: no limit. @default null */
    readonly maxDurationMs: number | null;
    /** How long a download waits for a login that needs a person. @default 24 h */
    readonly loginWaitMs: number;
  };
  /** Where downloads and logins may connect to; those of others may not connect to private addresses by themselves. */
  readonly network: NetworkRules;
  readonly worker: {
    /** Keep a second worker ready beside the one of `up`, which takes over when that dies. @default true */
    readonly hotSpare: boolean;
    /** Steps one worker does at once. @default 100 */
    readonly maxConcurrentSteps: number;
    /** Time that running steps get to save their state when the worker stops. @default 10 s */
    readonly shutdownGraceMs: number;
  };
}

/** What a command line may set over everything else. */
export interface ConfigOverrides {
  readonly dataDir?: string | undefined;
  readonly configFile?: string | undefined;
  readonly locale?: string | undefined;
  readonly logLevel?: string | undefined;
}
