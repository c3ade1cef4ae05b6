import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { RekindleError } from '../domain/error-codes.ts';
import type { Notification } from '../domain/notification.ts';
import type { Audience } from '../domain/recovery-policy.ts';
import type { Locale } from '../failures/index.ts';
import { maskText } from '../secrets/mask-text.ts';
import { adviceOf } from './advice.ts';
import { alertFacts } from './alert-facts.ts';
import type { NotificationChannel } from './channel.ts';
import { subjectOf } from './message.ts';
import { LOG } from './resolve-settings.ts';

/** The documented files. */
const FILES = {
  administrators: 'admin_alerts.log',
  user: 'user_notifications.log',
} as const satisfies Record<Audience, string>;

const NEWLINE = 0x0a;

/** The two log files of notifications: one JSON object a line, one line for each notification. */
export class NotificationLog {
  readonly #directory: string;
  readonly #locale: Locale;
  /**
   * The latest write of each file. One after the other: who looks at the end of a file while another's line is being
   * written would take it for one that was broken off.
   */
  readonly #writes = new Map<string, Promise<void>>();

  /** @param directory `logs/` of the data directory; made when it is missing. */
  constructor(directory: string, locale: Locale) {
    this.#directory = directory;
    this.#locale = locale;
  }

  /** The file for an audience. */
  pathOf(audience: Audience): string {
    return join(this.#directory, FILES[audience]);
  }

  /**
   * Appends a line for each, and returns when they are on the disk. The file is opened each time, so that it may be
   * rotated or deleted at any moment.
   * @throws {RekindleError} NOT_WRITABLE, DISK_FULL; nothing is lost when it is called again.
   */
  async append(notifications: readonly Notification[]): Promise<void> {
    for (const [audience, all] of Map.groupBy(notifications, (one) => one.audience)) {
      const lines = all.map((one) => `${JSON.stringify(logLine(one, this.#locale))}\n`).join('');
      await this.#writeNext(this.pathOf(audience), lines);
    }
  }

  #writeNext(path: string, lines: string): Promise<void> {
    const before = this.#writes.get(path) ?? Promise.resolve();
    const written = before.then(() => this.#write(path, lines));
    this.#writes.set(
      path,
      written.catch(() => undefined),
    );
    return written;
  }

  async #write(path: string, lines: string): Promise<void> {
    try {
      await mkdir(this.#directory, { recursive: true });
      // Read too, since the end of the file is looked at.
      await using file = await open(path, 'a+');
      await writeLines(file, lines);
    } catch (error) {
      throw notWritable(path, error);
    }
  }
}

/** One write, so that no other writer's line gets in between. */
async function writeLines(file: FileHandle, lines: string): Promise<void> {
  const bytes = Buffer.from((await endsInTheMiddle(file)) ? `\n${lines}` : lines);
  const { bytesWritten } = await file.write(bytes);
  await file.datasync();
  if (bytesWritten < bytes.length)
    throw Object.assign(new Error('only a part could be written'), { code: 'ENOSPC' });
}

/** A write that a full disk or a power cut broke off must not spoil the line after it. */
async function endsInTheMiddle(file: FileHandle): Promise<boolean> {
  const { size } = await file.stat();
  if (size === 0) return false;
  const { buffer, bytesRead } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  return bytesRead === 1 && buffer[0] !== NEWLINE;
}

const FULL = new Set(['ENOSPC', 'EDQUOT']);

function notWritable(path: string, cause: unknown): RekindleError {
  const { code = 'unknown' } = cause as NodeJS.ErrnoException;
  if (FULL.has(code)) {
    const hint = 'Free disk space; what was to be written is written then.';
    return new RekindleError('DISK_FULL', `no room to write ${path}`, { hint, cause });
  }
  return new RekindleError('NOT_WRITABLE', `${path} cannot be written (${code})`, {
    hint: 'Make the directory and let this user write it: mkdir -p logs; chmod 755 logs; then ls -la logs. What was to be written is written then.',
    cause,
  });
}

/** What stands in a line. Times are UTC. */
function logLine(notification: Notification, locale: Locale) {
  const { id, kind, audience, priority, occurredAtMs, decidedAtMs, failure, alert, login } = notification;
  const digest = {
    id,
    example: notification,
    count: 1,
    firstAtMs: occurredAtMs,
    lastAtMs: occurredAtMs,
    decidedAtMs,
    lastDecidedAtMs: decidedAtMs,
    taskIds: [],
  };
  return {
    time: new Date(decidedAtMs).toISOString(),
    id,
    kind,
    audience,
    priority,
    title: subjectOf(digest, locale),
    occurred_at: new Date(occurredAtMs).toISOString(),
    ...(failure
      ? {
          task_id: failure.taskId,
          run_id: failure.runId,
          task_type: failure.taskType,
          category: failure.info.category,
          error_type: failure.info.errorType,
          message: maskText(failure.info.message),
          step: failure.info.step,
          reason: failure.reason,
          ...(failure.refusal === undefined ? {} : { refusal: maskText(failure.refusal) }),
          recovery_attempts: failure.recoveryAttempts,
          suggestion: adviceOf(failure.info, locale),
          hint: failure.info.hint,
          rule: failure.info.rule,
          fingerprint: failure.info.fingerprint,
        }
      : {}),
    ...(login
      ? {
          task_id: login.taskId,
          task_type: 'login',
          session: login.session,
          message: login.question[locale] ?? login.question.en,
          until: new Date(login.untilMs).toISOString(),
        }
      : {}),
    ...(alert ? alertFacts(alert) : {}),
  };
}

/** The log files as a channel, for testing them. */
export function logChannel(log: NotificationLog): NotificationChannel {
  return { name: LOG, deliver: async ({ digest }) => log.append([digest.example]) };
}
