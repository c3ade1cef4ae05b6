/** Finds the `temporal` executable, or gets it. */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Config } from '../config.ts';
import { RekindleError } from '../domain/error-codes.ts';
import { acquireLock } from '../locks/process-lock.ts';
import { buildExecutable } from './executable-build.ts';
import { downloadExecutable } from './executable-download.ts';
import { runTool } from './run-tool.ts';

/**
 * The version that is fetched or built: Server 1.29.1, UI 2.42.1. Later ones up to now have a `replace` in
 * their go.mod, which `go install` refuses.
 */
const CLI_VERSION = 'v1.5.1';

/** Longer than a build takes, see executable-build.ts. */
const LOCK_TIMEOUT_MS = 35 * 60_000;
const VERSION_TIMEOUT_MS = 10_000;

export interface ExecutableOptions {
  /** Told what is being done, a line at a time. */
  readonly say?: (line: string) => void;
  /** Environment of the programs that are tried; tests put another PATH there. @default that of this process */
  readonly env?: NodeJS.ProcessEnv;
  /** @default https://temporal.download */
  readonly downloadService?: string;
  readonly signal?: AbortSignal;
}

export interface Executable {
  /** Absolute, or a bare name that the system finds on PATH. */
  readonly path: string;
  readonly origin: 'setting' | 'path' | 'cache' | 'download' | 'build';
}

/**
 * Finds the executable: the setting, PATH, our cache; else it is downloaded or built into the cache, once on a
 * machine however many commands ask for it.
 * @throws {RekindleError} `ENGINE_UNAVAILABLE`, listing what was tried and what can be done.
 */
export async function findExecutable(
  engine: Pick<Config['engine'], 'executable' | 'cacheDir'>,
  options: ExecutableOptions = {},
): Promise<Executable> {
  if (engine.executable) return fromSetting(engine.executable, options);
  const tried: string[] = [];
  const onPath = await check('temporal', options);
  if (onPath === null) return { path: 'temporal', origin: 'path' };
  tried.push(`\`temporal\` on PATH: ${onPath}`);
  const cached = cachedExecutable(engine.cacheDir);
  if (existsSync(cached)) return { path: cached, origin: 'cache' };
  tried.push(`our cache: no ${cached}`);
  return obtain(engine.cacheDir, cached, tried, options);
}

/** Where the executable is kept that was downloaded or built. */
export function cachedExecutable(cacheDir: string): string {
  const name = process.platform === 'win32' ? 'temporal.exe' : 'temporal';
  return join(cacheDir, `temporal-cli-${CLI_VERSION}`, name);
}

/** A setting is meant: when it does not work, nothing else is used in its place. */
async function fromSetting(setting: string, options: ExecutableOptions): Promise<Executable> {
  const path = /[\\/]/.test(setting) ? resolve(setting) : setting;
  const problem = await check(path, options);
  if (problem === null) return { path, origin: 'setting' };
  throw new RekindleError(
    'ENGINE_UNAVAILABLE',
    `the Temporal CLI that is set does not work: ${path}: ${problem}`,
    {
      hint: 'Correct REKINDLE_TEMPORAL_CLI (engine.executable in rekindle.yaml), or remove it.',
    },
  );
}

/** null: it runs. Otherwise why it is not used. */
async function check(path: string, { env }: ExecutableOptions): Promise<string | null> {
  const result = await runTool(path, ['--version'], { timeoutMs: VERSION_TIMEOUT_MS, env });
  if (result.code !== 0) return result.stderr.trim() || `it ended with exit code ${result.code}`;
  const version = /temporal version (\S+)/.exec(result.stdout)?.[1];
  if (!version) return 'it is no Temporal CLI';
  // 0.0.0-DEV is what a build from source says of itself.
  if (version.startsWith('0.') && !version.includes('DEV'))
    return `version ${version} is too old, 1.0 is needed`;
  return null;
}

async function obtain(
  cacheDir: string,
  target: string,
  tried: string[],
  options: ExecutableOptions,
): Promise<Executable> {
  const say = options.say ?? (() => {});
  const signal = options.signal ? { signal: options.signal } : {};
  using _lock = await acquireLock(join(cacheDir, `temporal-cli-${CLI_VERSION}.lock`), {
    timeoutMs: LOCK_TIMEOUT_MS,
    purpose: 'getting the Temporal CLI',
    onWait: (holder) =>
      say(`process ${holder?.process.pid ?? '?'} is getting the Temporal server already; waiting for it`),
    ...signal,
  });
  if (existsSync(target)) return { path: target, origin: 'cache' };
  const ways = [
    { origin: 'download', get: downloadExecutable },
    { origin: 'build', get: buildExecutable },
  ] as const;
  for (const { origin, get } of ways) {
    const workDir = await emptyWorkDir(cacheDir);
    try {
      await get(CLI_VERSION, target, workDir, {
        say,
        env: options.env,
        ...(options.downloadService ? { service: options.downloadService } : {}),
        ...signal,
      });
      return { path: target, origin };
    } catch (error) {
      options.signal?.throwIfAborted();
      tried.push(`${origin}: ${(error as Error).message}`);
      say(`no ${origin}: ${(error as Error).message}`);
    } finally {
      await rm(workDir, { recursive: true, force: true });
    }
  }
  throw unavailable(tried);
}

/** Inside the cache, so that the result gets to its place by a rename; under the lock, so nobody else is in there. */
async function emptyWorkDir(cacheDir: string): Promise<string> {
  const parent = join(cacheDir, 'work');
  await rm(parent, { recursive: true, force: true });
  await mkdir(parent, { recursive: true });
  return mkdtemp(join(parent, 'cli-'));
}

function unavailable(tried: readonly string[]): RekindleError {
  const list = tried.map((line) => `  - ${line}`).join('\n');
  return new RekindleError('ENGINE_UNAVAILABLE', `no Temporal server can be started; tried:\n${list}`, {
    hint:
      'Install the Temporal CLI (https://docs.temporal.io/cli), or set REKINDLE_TEMPORAL_CLI to its executable, ' +
      'or set TEMPORAL_ADDRESS to use a server that runs already.',
  });
}
