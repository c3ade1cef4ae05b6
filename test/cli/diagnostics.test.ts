/** SIGUSR2: a process says what it holds. */
import { expect, test } from 'vitest';
import { processesWith } from '../../src/cli/drill/processes.ts';
import { CHILD_WORD } from '../../src/supervisor/child-word.ts';
import { ownDataDir, start } from './support/cli.ts';

test.skipIf(process.platform === 'win32')(
  'up, its worker and its keeper answer SIGUSR2 with a line in the log, and go on',
  { timeout: 60_000 },
  async () => {
    const dataDir = ownDataDir();
    const up = start(['up', '--data-dir', dataDir, '--json']);
    expect(await up.line()).toContain('"status":"up"');
    const ours = () => processesWith(dataDir).filter(({ line }) => line.includes('rekindle'));
    const ready = ours().filter(({ line }) => line.includes(' up ') || line.includes(`${CHILD_WORD} keeper`));
    const worker = ours().find(({ line }) => line.includes(`${CHILD_WORD} worker`));
    const asked = [...ready, ...(worker ? [worker] : [])].map(({ pid }) => pid);
    expect(asked).toHaveLength(3);
    for (const pid of asked) process.kill(pid, 'SIGUSR2');
    const answers = () =>
      up.stderr
        .split('\n')
        .filter((line) => line.includes('what this process holds'))
        .map((line) => JSON.parse(line));
    await expect
      .poll(() =>
        answers()
          .map(({ pid }) => pid)
          .sort(),
      )
      .toEqual(asked.sort());
    for (const answer of answers()) {
      expect(answer.heap_used).toBeGreaterThan(1e6);
      expect(answer.rss).toBeGreaterThan(answer.heap_used);
      expect(answer.resources).toMatchObject({ PipeWrap: expect.any(Number) });
    }
    up.kill('SIGTERM');
    expect((await up.end()).code).toBe(0);
  },
);
