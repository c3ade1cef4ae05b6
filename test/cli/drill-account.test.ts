/** What the drill makes of what it saw: every broken promise is found. */
import { describe, expect, test } from 'vitest';
import { accountOf, type Seen, type SeenFault, type SeenTask } from '../../src/cli/drill/account.ts';
import { accountLines } from '../../src/cli/drill/account-lines.ts';
import { content, contentSha256 } from '../../src/cli/drill/content.ts';
import { FAULT_KINDS, type FaultKind, mixedPlan } from '../../src/cli/drill/plan.ts';
import { PROMISES } from '../../src/cli/drill/promises.ts';
import { type SeenRecovery, unrecordedKills } from '../../src/cli/drill/recoveries.ts';

const AT = Date.UTC(2026, 0, 1);
const STEPS = { probe: 1, reserve: 1, transfer: 1, verify: 1, publish: 1 };

function task(change: Partial<SeenTask> = {}): SeenTask {
  return {
    taskId: 'drill-0001',
    size: 1000,
    sent: 1000,
    mustBe: 'completed',
    status: 'completed',
    runs: 1,
    steps: STEPS,
    retryCount: 0,
    recoveryAttempts: 0,
    metFault: false,
    contentRight: true,
    ...change,
  };
}

/** Of a worker that was killed at {@link AT}, unless told otherwise. */
function recovery(change: Partial<SeenRecovery> = {}): SeenRecovery {
  const times = { startedMs: AT + 5, endedMs: AT + 12_000 };
  return { cause: 'worker', status: 'completed', deadWorkers: 1, ...times, ...change };
}

function seen(change: Partial<Seen> = {}): Seen {
  return {
    faults: [{ kind: 'worker', atMs: AT, inFlight: 2, goingOnMs: [100, 200] }],
    tasks: [task(), task({ taskId: 'drill-0002' })],
    mirrorBefore: 1,
    mirrorSettledMs: 500,
    mirrorAfter: 1,
    recoveries: [recovery()],
    leftRunning: [],
    ...change,
  };
}

const brokenBy = (change: Partial<Seen>): string[] =>
  accountOf(seen(change)).broken.map(({ promise }) => promise);

describe('a drill', () => {
  test('in which all went well keeps every promise', () => {
    const account = accountOf(seen());
    expect(account).toMatchObject({ kills: { worker: 1 }, tasksLost: [], bytesAgain: 0, broken: [] });
    expect(account.goingOn.worker).toEqual({ count: 2, p50: 100, p95: 200, max: 200 });
    expect(accountLines(account, 'en').at(-1)).toContain('every promise was kept');
  });

  test.each<[string, Partial<SeenTask>, string]>([
    ['a task that never ended', { status: 'running' }, 'tasksLost'],
    ['a task that failed', { status: 'failed' }, 'tasksLost'],
    ['a task that Temporal has forgotten', { status: null, runs: 0, steps: {} }, 'tasksLost'],
    ['a task that had to fail and did not', { mustBe: 'failed' }, 'tasksLost'],
    ['a task that was begun twice', { runs: 2 }, 'tasksDoneTwice'],
    ['a finished step that was done again', { steps: { ...STEPS, verify: 2 } }, 'finishedStepsRepeated'],
    ['a wrong hash', { contentRight: false }, 'wrongContent'],
    ['a retry booked on a task that met no error', { retryCount: 1 }, 'budgetsBurnt'],
    [
      'a download that was fetched anew',
      { sent: 2000 + 2 * PROMISES.bytesAgainForEach },
      'bytesAgainForEach',
    ],
  ])('finds %s', (_what, change, promise) => {
    expect(brokenBy({ tasks: [task(), task({ taskId: 'drill-0002', ...change })] })).toEqual([promise]);
  });

  test('finds what goes on too late, or never', () => {
    const late = PROMISES.goingOnMs.worker + 1;
    expect(brokenBy({ faults: [{ kind: 'worker', atMs: AT, inFlight: 1, goingOnMs: [late] }] })).toEqual([
      'goingOnMs.worker',
    ]);
    expect(brokenBy({ faults: [{ kind: 'worker', atMs: AT, inFlight: 2, goingOnMs: [10, null] }] })).toEqual([
      'neverWentOn',
    ]);
  });

  test('finds a mirror that is not as Temporal says, or cannot be read', () => {
    expect(brokenBy({ mirrorBefore: 0.99 })).toEqual(['mirrorBefore']);
    expect(brokenBy({ mirrorAfter: 0.9999 })).toEqual(['mirrorAfter']);
    expect(brokenBy({ mirrorAfter: null })).toEqual(['mirrorAfter']);
  });

  test('finds a kill that no completed recovery session tells of', () => {
    expect(brokenBy({ recoveries: [] })).toEqual(['killsUnrecorded']);
    expect(brokenBy({ recoveries: [recovery({ status: 'failed' })] })).toEqual(['killsUnrecorded']);
    expect(accountOf(seen({ recoveries: [] })).killsUnrecorded).toEqual([
      'worker at 2026-01-01T00:00:00.000Z',
    ]);
  });

  test('finds a process that was left running', () => {
    expect(brokenBy({ leftRunning: ['rekindle up'] })).toEqual(['leftRunning']);
  });

  test('holds retries on a full disk, and what came in vain then, against nobody', () => {
    expect(brokenBy({ tasks: [task({ metFault: true, retryCount: 3, sent: 1e9 })] })).toEqual([]);
  });

  test('says in both languages which promise is broken', () => {
    const account = accountOf(seen({ mirrorAfter: 0.5 }));
    for (const locale of ['en', 'zh-CN'] as const)
      expect(accountLines(account, locale).at(-1)).toContain('mirrorAfter');
  });
});

describe('a kill', () => {
  const kill = (kind: FaultKind, afterMs: number, inFlight = 1): SeenFault => ({
    kind,
    atMs: AT + afterMs,
    inFlight,
    goingOnMs: [],
  });

  test('needs a session of its own, begun after it, of its cause', () => {
    const [first, second] = [kill('worker', 0), kill('worker', 3000)];
    expect(unrecordedKills([first, second], [recovery()])).toEqual([second]);
    const before = recovery({ startedMs: AT - 9000, endedMs: AT - 1 });
    expect(unrecordedKills([first], [before, recovery({ cause: 'engine' })])).toEqual([first]);
    expect(unrecordedKills([kill('everything', 0)], [recovery({ cause: 'supervisor' })])).toEqual([]);
  });

  test('that follows another at once may be told of with it', () => {
    const kills = [kill('worker', 0), kill('worker', 40)];
    expect(unrecordedKills(kills, [recovery({ deadWorkers: 2 })])).toEqual([]);
  });

  test('that interrupted nothing needs none', () => {
    expect(unrecordedKills([kill('worker', 0, 0), kill('spare', 0)], [])).toEqual([]);
  });

  test('whose session was cut short by the next kill of everything is told of by that one', () => {
    const [first, second] = [kill('worker', 0), kill('everything', 5000)];
    const session = recovery({ cause: 'supervisor', startedMs: AT + 5600, endedMs: AT + 16_000 });
    expect(unrecordedKills([first, second], [session])).toEqual([]);
    expect(unrecordedKills([first, second], [])).toEqual([second]);
    expect(unrecordedKills([first, kill('everything', 60_000)], [session])).toHaveLength(2);
  });
});

describe('the plan', () => {
  const asked = { tasks: 100, kills: 20, kinds: FAULT_KINDS };

  test('is the same for the same seed, and another for another', () => {
    expect(mixedPlan(7, asked)).toEqual(mixedPlan(7, asked));
    expect(mixedPlan(7, asked)).not.toEqual(mixedPlan(8, asked));
  });

  test('has every kind of fault, and small and long tasks', () => {
    const { faults, files } = mixedPlan(7, asked);
    expect(new Set(faults.map(({ kind }) => kind))).toEqual(new Set(FAULT_KINDS));
    expect(faults).toHaveLength(20);
    expect(files.filter(({ size }) => size <= 256 * 1024)).toHaveLength(50);
    expect(files.filter(({ size }) => size >= 2 * 1024 * 1024)).toHaveLength(20);
    expect(files.filter(({ missing }) => missing)).toHaveLength(5);
  });
});

test('content is the same in whatever pieces it is asked for', () => {
  const size = 200_000;
  const pieces = [content(3, 0, 65_000), content(3, 65_000, 70_000), content(3, 70_000, size)];
  expect(Buffer.concat(pieces).equals(content(3, 0, size))).toBe(true);
  expect(contentSha256(3, size)).not.toBe(contentSha256(4, size));
});
