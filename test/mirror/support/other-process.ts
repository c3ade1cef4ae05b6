import { execFileSync, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { onTestFinished } from 'vitest';

const sqlite = createRequire(import.meta.url).resolve('better-sqlite3');
const program = (code: string) => `const Database = require(${JSON.stringify(sqlite)});\n${code}`;

/** Runs a script with better-sqlite3's `Database` to its end. @returns what it prints. */
export function runNode(code: string, args: readonly string[]): string {
  return execFileSync(process.execPath, ['-e', program(code), ...args], { encoding: 'utf8' }).trim();
}

/** Starts a script that talks through `process.send`; it is ended with the test. */
export function startNode(code: string, args: readonly string[]) {
  const child = spawn(process.execPath, ['-e', program(code), ...args], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  onTestFinished(() => void child.kill());
  const arrived: unknown[] = [];
  const waiting: ((message: unknown) => void)[] = [];
  child.on('message', (message) => {
    const next = waiting.shift();
    if (next) next(message);
    else arrived.push(message);
  });
  return {
    /** Kills it without warning and waits until it is gone. */
    kill: () => {
      child.kill('SIGKILL');
      return new Promise<void>((resolve) => child.once('exit', () => resolve()));
    },
    send: (message: string) => void child.send(message),
    message: () =>
      arrived.length > 0
        ? Promise.resolve(arrived.shift())
        : new Promise<unknown>((resolve) => waiting.push(resolve)),
  };
}
