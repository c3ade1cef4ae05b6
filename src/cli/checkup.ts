/** What `rekindle doctor` looks at; each check says what it found and what to do. */
import { accessSync, constants, existsSync, mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRekindleError } from '../domain/error-codes.ts';
import { connect } from '../engine/connect.ts';
import { engineStatus, runningEngine } from '../engine/embedded.ts';
import { findExecutable } from '../engine/executable.ts';
import { databaseStatistics, lastSession, MirrorKeeper } from '../mirror/index.ts';
import { LOW_SPACE_BYTES } from '../monitoring/index.ts';
import { journalDir } from '../supervisor/journal-dir.ts';
import { abandonedJournals, serviceRuns } from '../supervisor/read-journals.ts';
import type { RecoverySession } from '../supervisor/recovery-session.ts';
import { waitingSessions } from '../supervisor/session-files.ts';
import { checkReadable } from './check-readable.ts';
import type { CommandContext } from './context.ts';
import { bytes } from './render/amounts.ts';

/** `warning`: worth knowing, and everything works; `fault`: something does not work. */
export type Level = 'ok' | 'warning' | 'fault';

/** One thing that was looked at. */
export interface Finding {
  readonly name: string;
  readonly level: Level;
  readonly detail: string;
  /** What to do when it is not as it should be. */
  readonly hint: string | null;
}

/** What a check found. */
export type Found = Omit<Finding, 'name'>;
type Check = (context: CommandContext) => Promise<Found> | Found;

const CHECKS: readonly (readonly [name: string, check: Check])[] = [
  ['Node', checkNode],
  ['configuration', checkConfiguration],
  ['data directory', checkDataDirectory],
  ['disk space', checkDiskSpace],
  ['Temporal executable', checkExecutable],
  ['Temporal server', checkServer],
  ['tasks', checkReadable],
  ['worker', checkWorker],
  ['mirror', checkMirrorFile],
  ['last recovery', checkLastRecovery],
];

/** Looks at everything; a check that fails to run is a finding too. */
export async function checkup(context: CommandContext): Promise<Finding[]> {
  return await Promise.all(
    CHECKS.map(async ([name, check]) => {
      try {
        return { name, ...(await check(context)) };
      } catch (error) {
        const hint = isRekindleError(error) ? (error.hint ?? null) : null;
        return { name, level: 'fault', detail: (error as Error).message, hint };
      }
    }),
  );
}

function found(detail: string): Found {
  return { level: 'ok', detail, hint: null };
}

function checkNode(): Found {
  return found(`${process.version} (${process.execPath})`);
}

function checkConfiguration({ config }: CommandContext): Found {
  return found(config.file ?? 'defaults; there is no rekindle.yaml');
}

/** Tries to write, since permissions alone do not tell (read-only mounts, quotas). */
function checkDataDirectory({ config }: CommandContext): Found {
  const probe = join(config.dataDir, `.doctor-${process.pid}`);
  try {
    mkdirSync(config.dataDir, { recursive: true });
    writeFileSync(probe, '');
    rmSync(probe);
    return found(config.dataDir);
  } catch (error) {
    const detail = `${config.dataDir} cannot be written: ${(error as Error).message}`;
    return {
      level: 'fault',
      detail,
      hint: 'Make it writable for this user, or choose another with --data-dir.',
    };
  }
}

function checkDiskSpace({ config }: CommandContext): Found {
  const { bavail, bsize } = statfsSync(existsSync(config.dataDir) ? config.dataDir : '.');
  const free = bavail * bsize;
  if (free >= LOW_SPACE_BYTES) return found(`${bytes(free)} free`);
  return {
    level: 'fault',
    detail: `only ${bytes(free)} free`,
    hint: 'Free some space on the disk of the data directory.',
  };
}

async function checkExecutable({ config, output, signal }: CommandContext): Promise<Found> {
  if (config.temporal) return found(`not needed with ${config.temporal.address}`);
  const { path } = await findExecutable(config.engine, { say: (line) => output.say(line), signal });
  accessSync(path, constants.X_OK);
  return found(path);
}

/** An embedded server that does not run is no fault: it is started when it is needed. */
async function checkServer({ config }: CommandContext): Promise<Found> {
  if (!config.temporal && !engineStatus(config.dataDir)) return found('not running; started when needed');
  const connection = await connect(config, runningEngine(config));
  await connection.close();
  return found(`answers at ${connection.settings.address}`);
}

function checkWorker({ config }: CommandContext): Found {
  const dir = journalDir(config);
  const abandoned = abandonedJournals(dir).length;
  const dead = abandoned > 0 ? `; ${abandoned} died and will be taken over by the next one` : '';
  return found((serviceRuns(dir) ? 'running' : 'none runs; `rekindle up` starts one') + dead);
}

/** Tasks run without the mirror, so what is wrong with it is a warning. */
function checkMirrorFile({ config }: CommandContext): Found {
  if (!existsSync(config.database.path)) return found('no file yet; made when needed');
  const mirror = new MirrorKeeper(config.database.path, { readonly: true });
  try {
    const { task_count, db_size } = databaseStatistics(mirror.get());
    return found(`${config.database.path}: ${task_count} tasks, ${bytes(db_size)}`);
  } catch (error) {
    const hint = isRekindleError(error) ? (error.hint ?? null) : null;
    return { level: 'warning', detail: (error as Error).message, hint };
  } finally {
    mirror.close();
  }
}

/** How the last crash was got over. One that waits for the mirror is newer than those in it. */
function checkLastRecovery({ config }: CommandContext): Found {
  const session = waitingSessions(config.dataDir).at(-1) ?? lastInMirror(config.database.path);
  if (!session) return found('no crash is known');
  const { status, cause, seconds, started_at, recovered_count, problems } = session;
  const wentOn = status === 'interrupted' ? '' : `, ${recovered_count} task(s) went on after ${seconds} s`;
  const detail = `${started_at}: ${cause} crashed${wentOn}`;
  if (problems.length === 0) return found(detail);
  return {
    level: 'warning',
    detail: `${detail}; ${problems.slice(0, 3).join('; ')}`,
    hint: 'See how these tasks stand: rekindle task show ID. What is not given back goes on when its heartbeat timeout is over.',
  };
}

type LastRecovery = Pick<
  RecoverySession,
  'cause' | 'seconds' | 'started_at' | 'recovered_count' | 'problems'
> & { readonly status: string };

function lastInMirror(path: string): LastRecovery | undefined {
  if (!existsSync(path)) return undefined;
  const mirror = new MirrorKeeper(path, { readonly: true });
  try {
    const row = lastSession(mirror.get(), 'recovery');
    if (!row) return undefined;
    const data = row.data as unknown as Partial<RecoverySession> | null;
    return {
      status: row.status,
      cause: data?.cause ?? 'unknown',
      seconds: data?.seconds ?? 0,
      started_at: row.created_at,
      recovered_count: data?.recovered_count ?? 0,
      problems: data?.problems ?? [],
    };
  } catch {
    // What is wrong with the mirror is a finding of its own.
    return undefined;
  } finally {
    mirror.close();
  }
}
