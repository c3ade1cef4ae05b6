import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { Child } from '../../src/supervisor/child.ts';
import { tempDir } from '../support/temp-dir.ts';

/** A child whose process the system refuses to make. */
function unbornChild(): Child {
  const { execPath } = process;
  onTestFinished(() => {
    process.execPath = execPath;
  });
  process.execPath = join(tempDir(), 'no-such-program');
  return new Child('worker', { script: 'child.js', args: [], execArgv: [] });
}

it('whose process could not be made has ended', async () => {
  const child = unbornChild();

  await expect(child.run()).rejects.toThrow('ENOENT');
  expect(await child.exited).toEqual({ code: null, signal: null });
});

it('whose process could not be made can be stopped', async () => {
  await expect(unbornChild().stop(60_000)).resolves.toBeUndefined();
});
