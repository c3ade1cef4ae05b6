/** Builds the `temporal` executable from its source with Go, for machines that cannot reach the download. */
import { mkdir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { runTool } from './run-tool.ts';

/** Measured: 130 s on 2 idle cores with an empty Go cache; a busy or small machine may take several times that. */
const BUILD_TIMEOUT_MS = 30 * 60_000;
/** Often enough to see that something goes on. */
const PROGRESS_EVERY_MS = 10_000;

export interface BuildOptions {
  readonly say: (line: string) => void;
  /** Environment of the Go tool. @default that of this process */
  readonly env?: NodeJS.ProcessEnv | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Builds the executable to `target`; `workDir` is an empty directory on the same disk.
 * @throws {Error} when Go is missing or too old, or the build fails.
 */
export async function buildExecutable(
  version: string,
  target: string,
  workDir: string,
  options: BuildOptions,
): Promise<void> {
  if (process.platform === 'win32') throw new Error('not tried on Windows');
  const go = await runTool('go', ['version'], { timeoutMs: 10_000, env: options.env });
  if (go.code !== 0) throw new Error('Go is not installed (no working `go` on PATH)');
  const module = `github.com/temporalio/cli/cmd/temporal@${version}`;
  options.say(`building the Temporal server with ${go.stdout.trim().replace('go version ', '')}`);
  options.say('this happens once on this machine and takes 2 to 5 minutes');
  const progress = startProgress(options.say);
  // `env` adds one variable to whatever the environment is: only config.ts reads that of this process.
  const built = await runTool('/usr/bin/env', [`GOBIN=${workDir}`, 'go', 'install', '-v', module], {
    timeoutMs: BUILD_TIMEOUT_MS,
    env: options.env,
    signal: options.signal,
    onLine: progress.line,
  }).finally(progress.stop);
  if (built.code !== 0) throw new Error(`\`go install ${module}\` failed: ${lastLines(built.stderr)}`);
  await mkdir(dirname(target), { recursive: true });
  await rename(join(workDir, 'temporal'), target);
  options.say(`built in ${progress.seconds()} s: ${target}`);
}

function startProgress(say: (line: string) => void) {
  const start = performance.now();
  const seconds = () => Math.round((performance.now() - start) / 1000);
  let packages = 0;
  let downloads = 0;
  const timer = setInterval(
    () => say(`${seconds()} s: ${downloads} modules fetched, ${packages} packages compiled`),
    PROGRESS_EVERY_MS,
  );
  return {
    seconds,
    line: (line: string) => {
      if (line.startsWith('go: downloading ')) downloads += 1;
      else if (!line.startsWith('go: ')) packages += 1;
    },
    stop: () => clearInterval(timer),
  };
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-5).join('\n');
}
