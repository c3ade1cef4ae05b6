import { describe, expect, onTestFinished, test } from 'vitest';
import { RekindleError } from '../../src/domain/error-codes.ts';
import { silentLogger } from '../../src/logger.ts';
import type { ChildRole, SeenCrash } from '../../src/supervisor/messages.ts';
import { Supervisor, type SupervisorOptions } from '../../src/supervisor/supervisor.ts';
import type { TakeOver } from '../../src/supervisor/take-over.ts';
import { FakeChild } from './support/fake-child.ts';

const TAKEN: TakeOver = { deadWorkers: 1, activities: 2, workflows: 3, inFlight: [] };

/** A supervisor whose children do, in the order of their start, what is given here; those after them run well. */
function family(first: readonly ((child: FakeChild) => void)[], more: Partial<SupervisorOptions> = {}) {
  const children: FakeChild[] = [];
  const recovered: SeenCrash[] = [];
  const spawn = (role: ChildRole) => {
    const child = new FakeChild(role);
    const behave = first[children.length] ?? ((one: FakeChild) => void one.runs(TAKEN));
    children.push(child);
    behave(child);
    return child.asChild;
  };
  const supervisor = new Supervisor({
    spawn,
    hotSpare: false,
    graceMs: 0,
    log: silentLogger,
    onRecovered: (crash) => recovered.push(crash),
    workWithinMs: 20,
    ...more,
  });
  onTestFinished(() => supervisor.stop());
  return { supervisor, children, recovered };
}

const hangs = (): void => undefined;
const dies = (child: FakeChild): void => child.kill();

describe('the first worker', () => {
  test('that hangs when it is to begin is killed, and another takes its place', async () => {
    const { supervisor, children } = family([hangs]);
    expect(await supervisor.runWorker()).toEqual(TAKEN);
    expect(children.map(({ killed }) => killed)).toEqual([true, false]);
  });

  test('that takes work is left alone, however long it takes over', async () => {
    const { supervisor, children } = family([(child) => void child.works()]);
    const running = supervisor.runWorker();
    await new Promise((resolve) => setTimeout(resolve, 60));
    children[0]?.runs(TAKEN);
    expect(await running).toEqual(TAKEN);
    expect(children).toHaveLength(1);
  });

  test('that is killed before it works is replaced, as it is later', async () => {
    const { supervisor, children, recovered } = family([dies, dies]);
    expect(await supervisor.runWorker()).toEqual(TAKEN);
    expect(children).toHaveLength(3);
    // What it took over is told by whoever started it.
    expect(recovered).toEqual([]);
    children[2]?.kill();
    await expect.poll(() => recovered).toMatchObject([{ cause: 'worker', takenOver: TAKEN }]);
    expect(children).toHaveLength(4);
  });

  test('that says what a person has to correct is not tried again', async () => {
    const wrong = new RekindleError('INVALID_CONFIG', 'worker.max_concurrent_steps is -1');
    const { supervisor, children } = family([(child) => void child.fails(wrong)]);
    await expect(supervisor.runWorker()).rejects.toBe(wrong);
    expect(children).toHaveLength(1);
  });
});

test('a worker that hangs when it takes the place of another is replaced itself', async () => {
  const { supervisor, children, recovered } = family([(child) => void child.runs(), hangs]);
  await supervisor.runWorker();
  children[0]?.kill();
  await expect.poll(() => recovered).toHaveLength(1);
  expect(children.map(({ killed }) => killed)).toEqual([true, true, false]);
});

test('a keeper that hangs when it is to begin is replaced', async () => {
  const { supervisor, children } = family([hangs]);
  await supervisor.runKeeper();
  expect(children.map(({ role, killed }) => [role, killed])).toEqual([
    ['keeper', true],
    ['keeper', false],
  ]);
});
