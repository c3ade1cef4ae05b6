import { describe, expect, test } from 'vitest';
import { createShutdown, type ShutdownProblem } from '../../src/lifecycle/index.ts';
import { startChild } from '../support/child.ts';

function shutdownWithProblems() {
  const problems: ShutdownProblem[] = [];
  return { problems, shutdown: createShutdown({ onProblem: (problem) => problems.push(problem) }) };
}

const never = () => new Promise<void>(() => undefined);

describe('at the end of a program', () => {
  test('shutdown handlers run in order, then clean-up handlers, whenever they were registered', async () => {
    const { shutdown } = shutdownWithProblems();
    const ran: string[] = [];
    const handler = (name: string) => ({ name, run: async () => void ran.push(name) });
    shutdown.onCleanUp(handler('clean 1'));
    shutdown.onShutdown(handler('save 1'));
    shutdown.onShutdown(handler('save 2'));
    shutdown.onCleanUp(handler('clean 2'));
    const takenBack = shutdown.onShutdown(handler('taken back'));
    takenBack();
    const report = await shutdown.run();
    expect(ran).toEqual(['save 1', 'save 2', 'clean 1', 'clean 2']);
    expect(report).toEqual({ done: ran, problems: [] });
  });

  test('one that throws, rejects or hangs is named and stops none of the others', async () => {
    const { shutdown, problems } = shutdownWithProblems();
    const told: boolean[] = [];
    shutdown.onShutdown({
      name: 'throws',
      run: () => {
        throw new Error('no');
      },
    });
    shutdown.onShutdown({ name: 'rejects', run: () => Promise.reject('never') });
    shutdown.onShutdown({
      name: 'hangs',
      timeoutMs: 30,
      run: (signal) => {
        signal.addEventListener('abort', () => told.push(signal.aborted));
        return never();
      },
    });
    shutdown.onCleanUp({ name: 'works', run: () => 1 });
    const { done } = await shutdown.run();
    expect(done).toEqual(['works']);
    expect(problems).toEqual([
      { phase: 'shutdown', name: 'throws', message: 'no' },
      { phase: 'shutdown', name: 'rejects', message: 'never' },
      { phase: 'shutdown', name: 'hangs', message: 'took longer than 0.03 s' },
    ]);
    expect(told).toEqual([true]);
  });

  test('all of it happens once, however often it is asked for, and its beginning is told', async () => {
    const { shutdown } = shutdownWithProblems();
    let times = 0;
    shutdown.onShutdown({ name: 'counts', run: () => ++times });
    expect(shutdown.signal.aborted).toBe(false);
    await Promise.all([shutdown.run(), shutdown.run()]);
    expect([times, shutdown.signal.aborted]).toEqual([1, true]);
  });

  test('a problem in telling of a problem is none', async () => {
    const shutdown = createShutdown({
      onProblem: () => {
        throw new Error('the log is full');
      },
    });
    shutdown.onShutdown({ name: 'rejects', run: () => Promise.reject(new Error('x')) });
    expect((await shutdown.run()).problems).toHaveLength(1);
  });

  test('its time is the sum of all', () => {
    const { shutdown } = shutdownWithProblems();
    shutdown.onShutdown({ name: 'a', run: never, timeoutMs: 1000 });
    shutdown.onCleanUp({ name: 'b', run: never });
    expect(shutdown.budgetMs).toBe(6000);
  });
});

describe('a program that listens', () => {
  const child = () => startChild(new URL('./shutdown-child.ts', import.meta.url), []);

  test('runs its handlers at SIGTERM and ends with code 0', async () => {
    const program = child();
    expect(await program.next()).toBe('ready');
    program.process.kill('SIGTERM');
    expect(await program.next()).toBe('saving');
    program.say('go on');
    expect(await program.next()).toBe('saved');
    expect(await program.ended()).toBe(0);
  });

  test('ends at once with code 130 at a second signal', async () => {
    const program = child();
    expect(await program.next()).toBe('ready');
    program.process.kill('SIGTERM');
    expect(await program.next()).toBe('saving');
    // The first ones count as the same key press.
    const again = setInterval(() => program.process.kill('SIGINT'), 50);
    expect(await program.ended()).toBe(130);
    clearInterval(again);
  });
});
