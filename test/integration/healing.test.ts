/** The morning after, small: faults of every kind beside a real `rekindle up` that nobody helps (large: `npm run bench -- heal`). */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { RekindleClient } from '../../src/client/rekindle-client.ts';
import { ownDataDir, start } from '../cli/support/cli.ts';
import { FAULTS, injectFaults, linesAbout, QUICK_CONFIG, untilAllEnded } from '../support/healing-run.ts';
import { MisbehavingServer } from '../support/misbehaving-server.ts';
import { tempDir } from '../support/temp-dir.ts';

const TASKS = 40;
const GIVEN_UP_AFTER_MS = 75_000;

test('failed tasks heal, or the right person is told once, and nobody had to do anything', async () => {
  const dataDir = ownDataDir();
  const dir = tempDir('heal');
  mkdirSync(dataDir, { recursive: true });
  const configFile = join(dir, 'rekindle.yaml');
  writeFileSync(configFile, QUICK_CONFIG);
  const server = await MisbehavingServer.start();
  onTestFinished(() => server.close());
  const up = start(['up', '--json', '--data-dir', dataDir, '--config', configFile]);
  expect(JSON.parse(await up.line())).toMatchObject({ status: 'up' });
  const client = await RekindleClient.connect({ dataDir, configFile });
  onTestFinished(() => client.close());

  const tasks = await injectFaults(client, server, dir, TASKS);
  const kinds = new Set(tasks.map(({ fault }) => fault.name));
  expect([...kinds].sort()).toEqual(FAULTS.map(({ name }) => name).sort());
  const ended = await untilAllEnded(tasks, dataDir, dir, GIVEN_UP_AFTER_MS);
  const problems = ended.flatMap((task) =>
    task.problems.map((problem) => `${task.view.task_id} (${task.fault.name}) ${problem}`),
  );
  expect(problems).toEqual([]);

  up.kill('SIGTERM');
  expect((await up.end()).code).toBe(0);

  // Counted once more when nothing can follow any more.
  for (const { fault, view } of ended) {
    const healed = fault.ending === 'heals';
    const told = linesAbout(dataDir, view.task_id).length;
    expect([view.task_id, view.status, told]).toEqual([
      view.task_id,
      healed ? 'completed' : 'failed',
      healed ? 0 : 1,
    ]);
    if (healed && fault.category) expect(view.recovery_notes.at(-1)).toMatchObject({ outcome: 'completed' });
    if (!healed) expect(view.recovery_attempts).toBe(0);
  }
}, 120_000);
