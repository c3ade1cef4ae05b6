import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { basename } from 'node:path';
import { withResourceLock } from '../../client/resource-locks.ts';
import { RekindleError } from '../../domain/error-codes.ts';
import type { LockScope } from '../../domain/resource-lock.ts';
import type { CommandAction } from '../command-spec.ts';
import type { GlobalOptions } from '../context.ts';

interface Options extends GlobalOptions {
  readonly timeout?: string;
  readonly scope?: LockScope;
}

/** A command that is told to end is killed when it has not done so after this long. */
const END_MS = 10_000;

/** Runs a command while holding a lock; its exit code is the command's. */
export const run: CommandAction<Options> = async (context, [name = '', ...command], options) => {
  const { config, output, signal } = context;
  const askedAt = performance.now();
  let waitedMs = 0;
  const work = async (abort: AbortSignal): Promise<number> => {
    waitedMs = Math.round(performance.now() - askedAt);
    return execute(command, abort);
  };
  const code = await withResourceLock(name, work, {
    config,
    signal,
    scope: options.scope,
    timeoutMs: timeoutOf(options),
    purpose: `lock run ${programOf(command)}`,
  });
  output.result({ name, exit_code: code, waited_ms: waitedMs });
  return code;
};

function timeoutOf({ timeout }: Options): number | undefined {
  if (timeout === undefined) return undefined;
  const seconds = Number(timeout);
  if (timeout.trim() !== '' && seconds >= 0) return seconds * 1000;
  throw new RekindleError('INVALID_INPUT', `--timeout ${timeout} is no number of seconds`, {
    hint: 'Say 0 to wait not at all, or e.g. 1.5.',
  });
}

/** Without its arguments and settings, which may be secret: others see this. */
function programOf(command: readonly string[]): string {
  const words = command.length === 1 ? (command[0] ?? '').split(/\s+/) : command;
  return basename(words.find((word) => word !== '' && !word.includes('=')) ?? '');
}

/** One word is a line for the shell, several are a program and its arguments. @returns as a shell would say it. */
async function execute([program = '', ...args]: readonly string[], signal: AbortSignal): Promise<number> {
  const child = spawn(program, args, { stdio: 'inherit', shell: args.length === 0 });
  const end = (): void => endChild(child, signal.reason);
  // A second Ctrl-C ends us at once: the command must not go on without the lock.
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();
  try {
    const [code, killedBy] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
    return code ?? 128 + (killedBy ? constants.signals[killedBy] : 0);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const hint = code === 'ENOENT' ? 'Is it installed, and spelled right?' : 'May it be executed?';
    throw new RekindleError('INVALID_INPUT', `${program} cannot be run: ${message}`, { hint, cause: error });
  } finally {
    process.off('exit', kill);
    signal.removeEventListener('abort', end);
  }
}

/** @param reason the signal that we got, or why the lock was lost. */
function endChild(child: ChildProcess, reason: unknown): void {
  // A terminal's Ctrl-C has reached the command, too, and twice may mean something else to it.
  if (reason !== 'SIGINT' || !process.stdin.isTTY) child.kill(reason === 'SIGINT' ? 'SIGINT' : 'SIGTERM');
  setTimeout(() => child.kill('SIGKILL'), END_MS).unref();
}
