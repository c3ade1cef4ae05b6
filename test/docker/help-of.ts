import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** What `rekindle <words> --help` prints. */
export async function helpOf(words: readonly string[]): Promise<string> {
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, ['bin/rekindle.js', ...words, '--help'], {
    encoding: 'utf8',
  });
  return stdout;
}
