/** The crash drill in its short form: the proof of crash recovery that runs with every change. */
import { existsSync, rmSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { processesWith } from '../../src/cli/drill/processes.ts';
import { tempDir } from '../support/temp-dir.ts';
import { rekindle, start } from './support/cli.ts';

const kills = process.platform !== 'win32';

describe.skipIf(!kills)(`drill${kills ? '' : ' (skipped: needs /proc or ps)'}`, () => {
  test('kills worker, keeper, engine and everything under load, and finds every promise kept', {
    timeout: 180_000,
  }, async () => {
    const faults = 'worker,keeper,engine,everything';
    const args = ['--tasks', '24', '--kills', '4', '--faults', faults, '--seed', '42', '--minutes', '2'];
    const { code, stdout, stderr, json } = await rekindle(['drill', ...args, '--json']);
    expect([code, json.broken], `${stdout}\n${stderr}`).toEqual([0, []]);
    expect(json).toMatchObject({
      seed: 42,
      faults: { worker: 1, keeper: 1, engine: 1, everything: 1 },
      tasks: 24,
      tasks_lost: [],
      tasks_done_twice: [],
      finished_steps_repeated: 0,
      wrong_content: [],
      budgets_burnt: 0,
      mirror_after: 1,
      kills_unrecorded: [],
      kept: true,
    });
  });

  test('leaves nothing behind, also when it is interrupted', { timeout: 60_000 }, async () => {
    const drill = start(['drill', '--tasks', '10', '--kills', '2', '--seed', '96059', '--keep']);
    await expect.poll(() => drill.stdout, { timeout: 30_000 }).toContain('1/2');
    drill.kill('SIGINT');
    const { code, stderr } = await drill.end();
    expect(code).toBe(130);
    const directory = /kept: (\S+)/.exec(stderr)?.[1] ?? '';
    expect(existsSync(directory)).toBe(true);
    expect(processesWith(directory)).toEqual([]);
    rmSync(directory, { recursive: true });
  });

  test('leaves nothing running when it is killed with -9 itself', { timeout: 60_000 }, async () => {
    const tmp = tempDir('drill');
    const drill = start(['drill', '--tasks', '10', '--kills', '2', '--faults', 'worker'], {
      env: { TMPDIR: tmp },
    });
    await expect.poll(() => drill.stdout, { timeout: 30_000 }).toContain('1/2');
    const up = () => processesWith(tmp).map(({ line }) => line);
    expect(up().join()).toContain('up --json');
    drill.kill('SIGKILL');
    await drill.end();
    await expect.poll(up, { timeout: 10_000 }).toEqual([]);
  });
});

test('drill keeps away from a Temporal server that is not its own', async () => {
  const { code, stderr } = await rekindle(['drill'], { env: { TEMPORAL_ADDRESS: '127.0.0.1:1' } });
  expect(code).toBe(2);
  expect(stderr).toContain('127.0.0.1:1');
});

test('drill says which faults there are', async () => {
  const { code, stderr } = await rekindle(['drill', '--faults', 'earthquake']);
  expect(code).toBe(2);
  expect(stderr).toContain('earthquake');
  expect(stderr).toContain('everything');
});
