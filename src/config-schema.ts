/** The shape of `rekindle.yaml`: documented keys under `recovery:` (SPEC section 10), ours beside them. */
import { z } from 'zod';
import { RETRY_ERROR_TYPES } from './domain/retry-policy.ts';
import { isPlace } from './download/ip-address.ts';
import { rulesSchema } from './failures/rules-schema.ts';
import { alertsSchema } from './monitoring/thresholds-schema.ts';
import { notificationSchema } from './notify/settings.ts';
import { encryptionSchema } from './secrets/encryption-settings.ts';
import { sessionsSchema } from './secrets/session-settings.ts';

const seconds = z.number().nonnegative();
const count = z.number().int().positive();
const port = z.number().int().min(1).max(65535);

const strategy = z
  .strictObject({
    max_attempts: count.optional(),
    base_delay: seconds.optional(),
    max_delay: seconds.optional(),
    backoff_type: z.enum(['exponential', 'linear', 'fixed']).optional(),
    exponential_base: z.number().min(1).optional(),
    jitter: z.boolean().optional(),
  })
  .refine((s) => s.base_delay === undefined || s.max_delay === undefined || s.base_delay <= s.max_delay, {
    message: 'base_delay must not be greater than max_delay',
  });

/** A retry strategy as the file has it; times in seconds. */
export type StrategyFile = z.infer<typeof strategy>;

const database = z.strictObject({
  /** Relative to the configuration file. */
  path: z.string().min(1).optional(),
  /** Seconds; 0: no backups by themselves. */
  backup_interval: seconds
    .refine((s) => s === 0 || s >= 60, { message: 'backup_interval must be 0 (no backups) or at least 60' })
    .default(3600),
  /** So many of the latest backups are kept. */
  backup_keep: count.max(10_000).default(24),
  /** And the last one of so many days. */
  backup_keep_days: z.number().int().nonnegative().max(10_000).default(7),
  max_connections: count.max(100).default(10),
  /** Seconds. */
  reconcile_interval: z.number().min(1).default(300),
});

const retry = z.strictObject(
  Object.fromEntries(RETRY_ERROR_TYPES.map((type) => [type, strategy.optional()])) as Record<
    (typeof RETRY_ERROR_TYPES)[number],
    z.ZodOptional<typeof strategy>
  >,
);

const cleanup = z.strictObject({
  /** Hours. */
  completed_task_retention: z.number().positive().default(24),
  /** Seconds. */
  session_timeout: z.number().positive().default(86_400),
  /** Hours. */
  log_retention: z.number().positive().default(168),
  /** Hours. Longer than the logs': the analysis compares with the week before, `rules test` tries 30 days. */
  failure_retention: z.number().positive().default(720),
});

const engine = z.strictObject({
  synchronous: z.enum(['normal', 'full']).default('normal'),
  executable: z.string().min(1).optional(),
  cache_dir: z.string().min(1).optional(),
  port: port.default(7233),
  ui_port: port.default(8233),
  retention_days: z.number().min(8).max(3650).default(30),
});

/** How one category of failures is handled; what is not given stays as documented. */
const category = z
  .strictObject({
    /** Seconds before each recovery; the last one holds for all further ones. */
    delays: z.array(seconds).max(100).optional(),
    max_attempts: z.number().int().nonnegative().max(1000).optional(),
    /** Who is told when it is not recovered (any more). */
    notify: z.enum(['administrators', 'user']).optional(),
  })
  .refine((c) => !(c.max_attempts && c.delays?.length === 0), {
    message: 'delays is empty, so nothing can be recovered: give a delay, or max_attempts 0',
  });

/** A category of the user’s own as the file has it; times in seconds. */
export type CategoryFile = z.infer<typeof category>;

/** What the documents call a custom recovery strategy, for all failed tasks of a type. */
const strategyOfType = z.strictObject({
  /** Seconds. */
  delay: seconds,
  strategy: z.string().min(1).max(100).default('custom'),
  max_attempts: z.number().int().nonnegative().max(1000),
});

const name = z.string().regex(/^[\w.-]{1,100}$/, 'a name has letters, digits, _ . - only');

const failure = z.strictObject({
  /** The user's own rules of the classifier, tried before the built-in ones. */
  rules: rulesSchema.default([]),
  categories: z.record(name, category).default({}),
  strategies: z.record(name, strategyOfType).default({}),
  recovery_enabled: z.boolean().default(true),
  notification_enabled: z.boolean().default(true),
  scan_interval_minutes: z.number().positive().max(1440).default(30),
  max_recovery_attempts: z.number().int().nonnegative().optional(),
});

const download = z.strictObject({
  connections: count.max(32).default(4),
  /** Seconds. */
  stall_timeout: z.number().positive().default(30),
  connect_timeout: z.number().positive().default(10),
  max_redirects: z.number().int().nonnegative().max(50).default(10),
  /** Downloads may only write in these, and in what is below them; relative to this file. */
  directories: z.array(z.string().min(1)).optional(),
  /** Bytes. */
  max_bytes: count.optional(),
  /** Seconds. */
  max_duration: z.number().positive().optional(),
  /** Seconds that a download waits for a login which needs a person. */
  login_wait: seconds.default(86_400),
});

const place = z
  .string()
  .refine(isPlace, 'must be an IP address, a network such as 10.0.0.0/8, or a host name, also *.example.org');

/** Where downloads may connect to. */
const network = z.strictObject({
  allow_private: z.boolean().default(true),
  allow: z.array(place).default([]),
  deny: z.array(place).default([]),
});

const worker = z.strictObject({
  /** Keep a second worker ready beside the one of `up`. */
  hot_spare: z.boolean().default(true),
  max_concurrent_steps: count.max(10_000).default(100),
  /** Seconds. */
  shutdown_grace: seconds.default(10),
});

/** For sites that need JavaScript. */
const browser = z.strictObject({
  /** Relative to this file. */
  executable: z.string().min(1).optional(),
});

/** rekindle.yaml as it is written: documented names, times in seconds or as the key says. */
export const configFileSchema = z.strictObject({
  data_dir: z.string().min(1).optional(),
  locale: z.enum(['zh-CN', 'en']).default('zh-CN'),
  log_level: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('warn'),
  task_queue: z.string().min(1).default('rekindle'),
  /** Modules with the user's own rules, strategies and channels; relative to this file. */
  extensions: z.array(z.string().min(1)).default([]),
  recovery: z
    .strictObject({
      database: database.prefault({}),
      retry: retry.prefault({}),
      cleanup: cleanup.prefault({}),
    })
    .prefault({}),
  engine: engine.prefault({}),
  failure: failure.prefault({}),
  alerts: alertsSchema.prefault({}),
  encryption: encryptionSchema.optional(),
  /** Directory with the descriptions of sites; relative to this file. */
  sites_dir: z.string().min(1).default('sites'),
  sessions: sessionsSchema.prefault({}),
  browser: browser.prefault({}),
  notification: notificationSchema.prefault({}),
  download: download.prefault({}),
  network: network.prefault({}),
  worker: worker.prefault({}),
});

/** The configuration file after its defaults were filled in. */
export type ConfigFile = z.infer<typeof configFileSchema>;
