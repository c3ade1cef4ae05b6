import { expect, onTestFinished, test } from 'vitest';
import { stopEngine } from '../../src/engine/embedded.ts';
import { endProcess } from '../../src/engine/end-process.ts';
import { engineFiles, makeEngineDirs, writeRecord } from '../../src/engine/engine-files.ts';
import { ensureEngine } from '../../src/engine/ensure-engine.ts';
import { dropLease, takeLease } from '../../src/engine/users.ts';
import { identityOf, type ProcessIdentity } from '../../src/locks/process-identity.ts';
import { testConfig } from '../support/engine.ts';
import { tempDir } from '../support/temp-dir.ts';

/** With this test's own number: a signal for it would end the test. */
const elsewhere = { ...identityOf(), pidNamespace: 'pid:[1]', host: 'another' } as ProcessIdentity;

test('a process of another container is never sent a signal', async () => {
  expect(await endProcess(elsewhere, 0)).toBe('gone');
});

test('the engine of another container is left alone while it is used, and replaced when its container is gone', async () => {
  const config = testConfig(tempDir('engine'));
  onTestFinished(async () => {
    await stopEngine(config.dataDir, { graceMs: 0 });
  });
  const files = engineFiles(config.dataDir);
  makeEngineDirs(files);
  writeRecord(files, {
    process: elsewhere,
    ports: { grpc: 1, ui: 2 },
    executable: 'temporal',
    startedAt: '',
  });
  const lease = takeLease(files, 'rekindle up in the other container');
  await expect(ensureEngine(config, { answerTimeoutMs: 50 })).rejects.toMatchObject({
    code: 'ENGINE_UNAVAILABLE',
    message: expect.stringContaining('another container (another) runs the engine'),
  });
  dropLease(lease);
  const engine = await ensureEngine(config, { answerTimeoutMs: 50 });
  expect(engine.started).toBe(true);
  await engine.release();
});
