import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { describe, expect, test } from 'vitest';
import { identityOf } from '../../src/locks/process-identity.ts';
import { tryLock } from '../../src/locks/process-lock.ts';
import { RecoveryManager, type RecoveryManagerOptions } from '../../src/supervisor/recovery-manager.ts';
import { RunFile } from '../../src/supervisor/run-file.ts';
import { leaveSession, sessionsDir, waitingSessions } from '../../src/supervisor/session-files.ts';
import { startChild } from '../support/child.ts';
import { suiteEngine } from '../support/engine.ts';
import { tempDir } from '../support/temp-dir.ts';

const engine = suiteEngine();
const client = (): Client => engine().connected.client;

function manager(dataDir: string, more: Partial<RecoveryManagerOptions> = {}): RecoveryManager {
  return new RecoveryManager({ dataDir, client: client(), ...more });
}

/** What a killed process left. @param inFlight `workflow run activity` */
async function killed(dataDir = tempDir(), inFlight = ''): Promise<string> {
  const child = startChild(new URL('./holder-child.ts', import.meta.url), [dataDir, inFlight]);
  await child.next();
  await child.kill();
  return dataDir;
}

const quickly = { quietMs: 50, firstLookMs: 0, timeoutMs: 1000 };

describe('the start of a process', () => {
  test('after a proper end is no crash', () => {
    const dataDir = tempDir();
    const first = manager(dataDir);
    expect(first.detectCrash()).toMatchObject({ crashed: false, cause: null, lastRun: { state: 'none' } });
    first.start();
    first.end();
    expect(manager(dataDir).detectCrash()).toMatchObject({ crashed: false, lastRun: { state: 'ended' } });
  });

  test('after kill -9 is one, with what was being done', async () => {
    const evidence = manager(await killed(tempDir(), 'task-1 run-1 5')).detectCrash();
    expect(evidence).toMatchObject({
      crashed: true,
      cause: 'supervisor',
      deadWorkers: 1,
      inFlight: [{ workflowId: 'task-1', runId: 'run-1', activityId: '5', attempt: 1 }],
    });
  });

  test('after a restart of the machine says so', () => {
    const me = identityOf();
    if (!me?.bootId) return;
    const dataDir = tempDir();
    mkdirSync(join(dataDir, 'run'));
    const process = { ...me, bootId: 'an earlier one' };
    writeFileSync(join(dataDir, 'run', 'app.json'), JSON.stringify({ process, ended_at: null }));
    expect(manager(dataDir).detectCrash()).toMatchObject({ crashed: true, cause: 'machine' });
  });

  test('after a PID file of rubbish goes on, and the file is right again', () => {
    const dataDir = tempDir();
    mkdirSync(join(dataDir, 'run'));
    writeFileSync(join(dataDir, 'run', 'app.json'), 'rubbish');
    const recovery = manager(dataDir);
    expect(recovery.detectCrash()).toMatchObject({ crashed: true, cause: 'unknown' });
    expect(recovery.detectCrash().problems[0]).toContain('app.json');
    recovery.start();
    recovery.end();
    expect(manager(dataDir).detectCrash().crashed).toBe(false);
  });

  test('beside a live process of the same name is refused, even when that one’s lock file was removed', () => {
    const dataDir = tempDir();
    const first = manager(dataDir);
    first.start();
    expect(() => manager(dataDir).start()).toThrow(/runs for/);
    first.end();
    const child = identityOf(process.ppid);
    writeFileSync(join(dataDir, 'run', 'app.json'), JSON.stringify({ process: child, ended_at: null }));
    rmSync(join(dataDir, 'run', 'app.lock'));
    const second = manager(dataDir);
    expect(second.detectCrash()).toMatchObject({ crashed: false, lastRun: { state: 'running' } });
    expect(() => second.start()).toThrow(new RegExp(`process ${process.ppid}`));
    // Nothing of it was touched, and nothing is held.
    expect(new RunFile(join(dataDir, 'run', 'app.json')).last()).toMatchObject({ process: child });
    tryLock(join(dataDir, 'run', 'app.lock'))?.release();
  });
});

describe('a recovery', () => {
  test('cleans what the dead left, and nothing of the living', async () => {
    const dataDir = await killed();
    const write = (...path: string[]): string => {
      const file = join(dataDir, ...path);
      mkdirSync(join(file, '..'), { recursive: true });
      writeFileSync(file, 'x');
      return file;
    };
    const leftOvers = [
      write('recovery.db.rebuild'),
      write('recovery.db.rebuild-wal'),
      write('backups', 'recovery-20260101_000000.db.7.unfinished'),
      write('reports', 'failure_processing', '.failure_processing-1.tmp'),
      write('reports', '.scan-1', '0.jsonl'),
      write('run', 'up.json.77.tmp'),
    ];
    const others = [
      write('recovery.db'),
      write('reports', 'failure_processing', 'failure_processing_20260101_000000.json'),
      write('notes.tmpl'),
      write('downloads', 'mine.tmp'),
    ];
    const future = new Date(Date.now() + 3_600_000);
    utimesSync(leftOvers[0] ?? '', future, future);
    const growing = write('reports', 'failure_analysis', '.failure_analysis-2.tmp');
    const writer = setInterval(() => appendFileSync(growing, 'x'), 5);
    const held = tryLock(join(dataDir, 'locks', 'name', 'lock'), 'a living one');
    const session = await manager(dataDir).recover(quickly);
    clearInterval(writer);
    expect(session).toMatchObject({ status: 'completed', crashed: true, validated: true, problems: [] });
    expect(leftOvers.filter((file) => existsSync(file))).toEqual([]);
    expect([growing, ...others].filter((file) => !existsSync(file))).toEqual([]);
    expect(session?.cleaned).toEqual(
      expect.arrayContaining(['run/app.lock', 'engine/users/x.lock', 'recovery.db.rebuild']),
    );
    expect(existsSync(join(dataDir, 'locks', 'name', 'lock.holder'))).toBe(true);
    expect(readdirSync(join(dataDir, 'run'))).not.toContain('app.lock.holder');
    held?.release();
  });

  test('is written down with its steps', async () => {
    const dataDir = await killed();
    const session = await manager(dataDir).recover({ ...quickly, sinceMs: Date.now() });
    expect(session?.steps.map(({ step }) => step)).toEqual(['clean', 'recover', 'validate']);
    expect(session?.unfinished).toEqual({ count: 0, task_ids: [] });
    expect(waitingSessions(dataDir)).toEqual([session]);
  });

  test('is written down when it begins; one that was cut short is marked by the next', async () => {
    const dataDir = await killed();
    const opening = Promise.withResolvers<never>();
    const begun = Promise.withResolvers<void>();
    const first = manager(dataDir, {
      client: () => {
        begun.resolve();
        return opening.promise;
      },
    }).recover(quickly);
    await begun.promise;
    const files = () => readdirSync(sessionsDir(dataDir));
    const [file = ''] = files();
    const written = readFileSync(join(sessionsDir(dataDir), file), 'utf8');
    expect(JSON.parse(written)).toMatchObject({ status: 'running', cause: 'supervisor' });
    // The mirror takes ended ones only.
    expect(waitingSessions(dataDir)).toEqual([]);
    opening.reject(new Error('no server'));
    await first;

    // As if it had been killed before its end, in the middle of writing.
    writeFileSync(join(sessionsDir(dataDir), file), written);
    const half = join(sessionsDir(dataDir), 'recovery-1.json.tmp');
    writeFileSync(half, '{"sess');
    const next = await manager(dataDir).recover(quickly);
    const { session_id } = JSON.parse(written);
    const problems = [expect.stringContaining('cut short')];
    const cutShort = { session_id, status: 'interrupted', problems };
    expect(waitingSessions(dataDir)).toContainEqual(expect.objectContaining(cutShort));
    expect(waitingSessions(dataDir)).toContainEqual(next);
    expect(existsSync(half)).toBe(false);
  });

  test('takes over what was being done, and names what does not go on', async () => {
    const { connected } = engine();
    const handle = await connected.client.workflow.start('videoDownload', {
      taskQueue: 'nobody-polls-it',
      workflowId: 'stuck',
      args: [{}],
    });
    const dataDir = await killed(tempDir(), `stuck ${handle.firstExecutionRunId} 1`);
    const gone = await manager(dataDir).recover(quickly);
    // The workflow has no such step any more: it has moved on.
    expect(gone).toMatchObject({ dead_workers: 1, steps_taken_over: 0, validated: true });
    expect(readdirSync(join(dataDir, 'run')).filter((name) => name.endsWith('.journal'))).toEqual([]);
    await handle.terminate();
  });

  test('without Temporal says so and loses nothing', async () => {
    const dataDir = await killed(tempDir(), 'task run 1');
    const broken = manager(dataDir, { client: () => Promise.reject(new Error('no server')) });
    const session = await broken.recover(quickly);
    expect(session).toMatchObject({ status: 'failed', validated: true, unfinished: { count: null } });
    expect(session?.problems).toContain('no server');
    // The next one takes it over.
    expect(manager(dataDir).detectCrash()).toMatchObject({ deadWorkers: 1 });
  });

  test('is done by one of two that start at once', async () => {
    const dataDir = await killed(tempDir(), 'task run 1');
    const other = tryLock(join(dataDir, 'run', 'recovery.lock'), 'another process');
    expect(await manager(dataDir).recover(quickly)).toBeNull();
    other?.release();
    const both = await Promise.all([manager(dataDir).recover(quickly), manager(dataDir).recover(quickly)]);
    expect(both.filter((session) => session !== null)).toHaveLength(1);
  });

  test('may begin before the last one of the process has ended', async () => {
    const recovery = manager(await killed());
    const sessions = await Promise.all([recovery.recover(quickly), recovery.recover(quickly)]);
    expect(new Set(sessions.map((session) => session?.session_id)).size).toBe(2);
  });

  test('that is broken off ends at once', async () => {
    const dataDir = await killed();
    writeFileSync(join(dataDir, 'x.tmp'), '');
    const over = new AbortController();
    const running = manager(dataDir).recover({ ...quickly, quietMs: 60_000, signal: over.signal });
    over.abort();
    expect(await running).toMatchObject({ crashed: true });
    expect(existsSync(join(dataDir, 'x.tmp'))).toBe(true);
  });

  test('counts no negative time when the clock was set back', async () => {
    const dataDir = await killed();
    const session = await manager(dataDir).recover({ ...quickly, sinceMs: Date.now() + 3_600_000 });
    expect(session?.seconds).toBe(0);
  });
});

describe('sessions that wait for the mirror', () => {
  test('are bounded, and rubbish among them is removed', async () => {
    const dataDir = await killed();
    const session = await manager(dataDir).recover(quickly);
    if (!session) throw new Error('there is a session');
    for (let n = 0; n < 250; n += 1)
      leaveSession(dataDir, { ...session, session_id: `recovery-2${n + 1000}` });
    const dir = sessionsDir(dataDir);
    writeFileSync(join(dir, 'recovery-9.json'), '{"session_id":');
    expect(waitingSessions(dataDir)).toHaveLength(200);
    expect(readdirSync(dir)).not.toContain('recovery-9.json');
  });
});
