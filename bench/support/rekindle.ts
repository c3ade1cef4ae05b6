import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const LAUNCHER = fileURLToPath(new URL('../../bin/rekindle.js', import.meta.url));

/** A finished `rekindle` command. */
export interface Finished {
  readonly code: number | null;
  readonly json: Record<string, unknown>;
  /** From the start of the process to its exit, in ms. */
  readonly ms: number;
}

/** Starts a `rekindle` command with `--json`; its errors go to our own standard error. */
export function spawnRekindle(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [LAUNCHER, ...args, '--json', '--locale', 'en'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** Runs a `rekindle` command to its end. */
export async function rekindle(args: readonly string[]): Promise<Finished> {
  const start = performance.now();
  const child = spawnRekindle(args);
  let text = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  const ms = performance.now() - start;
  const last = text.trim().split('\n').at(-1) ?? '{}';
  return { code, json: JSON.parse(last || '{}') as Record<string, unknown>, ms };
}

/** A `rekindle up` in the background. */
export interface Up {
  readonly pid: number;
  readonly child: ChildProcess;
  stop(): Promise<void>;
}

/** Starts `rekindle up` and waits until it is ready. */
export async function startUp(dataDir: string, options: readonly string[] = []): Promise<Up> {
  const child = spawnRekindle(['up', '--data-dir', dataDir, ...options]);
  await once(createInterface({ input: child.stdout as NodeJS.ReadableStream }), 'line');
  return {
    pid: child.pid ?? 0,
    child,
    async stop() {
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
    },
  };
}
