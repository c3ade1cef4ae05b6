/**
 * Recovery sessions on their way to the mirror: whoever recovers leaves them in the data directory, since the mirror may
 * be broken or another process's; its owner takes them from there.
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isPlainObject } from '../domain/json.ts';
import type { RecoverySession } from './recovery-session.ts';

/** Where no mirror's owner ever comes, the latest stay. */
const KEPT = 200;
const SUFFIX = '.json';

/** Where sessions wait. */
export function sessionsDir(dataDir: string): string {
  return join(dataDir, 'run', 'recovery');
}

/** Leaves a session for the mirror's owner, who takes it when it is no longer running. @throws what the file system throws. */
export function leaveSession(dataDir: string, session: RecoverySession): void {
  const dir = sessionsDir(dataDir);
  mkdirSync(dir, { recursive: true });
  const path = join(dir, `${session.session_id}${SUFFIX}`);
  writeFileSync(`${path}.tmp`, `${JSON.stringify(session)}\n`);
  renameSync(`${path}.tmp`, path);
  for (const name of namesIn(dir).slice(0, -KEPT)) rmSync(join(dir, name), { force: true });
}

/** The ended sessions that wait, the oldest first. A file that is no session is removed. */
export function waitingSessions(dataDir: string): RecoverySession[] {
  return sessionsIn(dataDir).filter(({ status }) => status !== 'running');
}

/** Marks sessions whose process has ended without writing down how they went. @throws what the file system throws. */
export function markInterrupted(dataDir: string): void {
  for (const session of sessionsIn(dataDir).filter(({ status }) => status === 'running')) {
    const problems = [...session.problems, 'the recovery was cut short: its end was not written down'];
    const ended_at = new Date().toISOString();
    leaveSession(dataDir, { ...session, status: 'interrupted', ended_at, problems });
  }
}

function sessionsIn(dataDir: string): RecoverySession[] {
  const dir = sessionsDir(dataDir);
  return namesIn(dir).flatMap((name) => {
    const session = read(join(dir, name));
    if (session) return session;
    if (session === null) rmSync(join(dir, name), { force: true });
    return [];
  });
}

/** Removes a session that was written down. */
export function takeSession(dataDir: string, { session_id }: Pick<RecoverySession, 'session_id'>): void {
  rmSync(join(sessionsDir(dataDir), `${session_id}${SUFFIX}`), { force: true });
}

/** Names begin with the time. */
function namesIn(dir: string): string[] {
  try {
    return readdirSync(dir)
      .filter((name) => name.endsWith(SUFFIX))
      .sort();
  } catch {
    return [];
  }
}

/** null: rubbish; undefined: it cannot be read, or is gone. */
function read(path: string): RecoverySession | null | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
  try {
    const value: unknown = JSON.parse(text);
    const whole = isPlainObject(value) && `${value.session_id}${SUFFIX}` === path.split(/[\\/]/).at(-1);
    const timed =
      whole && !Number.isNaN(Date.parse(String(value.started_at)) + Date.parse(String(value.ended_at)));
    return timed ? (value as unknown as RecoverySession) : null;
  } catch {
    return null;
  }
}
