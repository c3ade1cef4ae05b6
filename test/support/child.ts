import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

/** A TypeScript file run as a process of its own, which tells in JSON lines on its standard output. */
export interface TestChild {
  readonly process: ChildProcess;
  readonly pid: number;
  /** The next thing it tells. */
  next<T>(): Promise<T>;
  /** Writes a line to its standard input. */
  say(line: string): void;
  /** `kill -9`, and waits until it is gone. */
  kill(): Promise<void>;
  /** Waits for its end. */
  ended(): Promise<number | null>;
}

/** Starts the file at `url` (relative to the test: `new URL('./x.ts', import.meta.url)`); killed when the test ends. */
export function startChild(url: URL, args: readonly string[], env?: NodeJS.ProcessEnv): TestChild {
  const child = spawn(process.execPath, [fileURLToPath(url), ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
    ...(env ? { env } : {}),
  });
  const exited = once(child, 'exit');
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return {
    process: child,
    pid: child.pid ?? -1,
    async next<T>() {
      const { value, done } = await lines.next();
      if (done) throw new Error(`the child process ended without a word: ${url.pathname}`);
      return JSON.parse(value) as T;
    },
    say: (line) => void child.stdin.write(`${line}\n`),
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
    async ended() {
      await exited;
      return child.exitCode;
    },
  };
}
