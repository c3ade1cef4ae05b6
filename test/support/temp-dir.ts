import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/**
 * A directory of the running test's own. It is removed when the test passes; when the test fails it is kept
 * under `test-evidence/` so that one can look at what was left.
 */
export function tempDir(name = 'test'): string {
  const dir = mkdtempSync(join(tmpdir(), `rekindle-${name}-`));
  onTestFinished(({ task }) => {
    if (task.result?.state === 'fail') {
      const kept = join('test-evidence', task.name.replaceAll(/[^\w.-]+/g, '-').slice(0, 80));
      cpSync(dir, kept, { recursive: true, force: true });
      console.error(`evidence of "${task.name}" kept in ${kept}`);
    }
    rmSync(dir, { recursive: true, force: true });
  });
  return dir;
}
