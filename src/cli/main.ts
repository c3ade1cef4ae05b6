import { CommanderError } from 'commander';
import { localeOf } from '../config.ts';
import { EXIT, exitCodeOf } from './exit-codes.ts';
import { Output } from './output.ts';
import { createProgram } from './program.ts';
import { usageError } from './usage-error.ts';

/**
 * Runs one command line.
 * @param args what stands after the program's name.
 * @returns the exit code, see {@link EXIT}.
 */
export async function main(args: readonly string[]): Promise<number> {
  const interrupt = new AbortController();
  const stopListening = onSignals(interrupt);
  surviveClosedPipes();
  let exitCode: number = EXIT.ok;
  try {
    const program = createProgram(interrupt.signal, (code) => {
      exitCode = code;
    });
    await program.parseAsync([...args], { from: 'user' });
    return exitCode;
  } catch (error) {
    // Commander has printed what was asked for: help or the version.
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.ok;
    const output = outputFor(args);
    if (interrupt.signal.aborted) {
      output.interrupted();
      return EXIT.interrupted;
    }
    const said = error instanceof CommanderError ? usageError(error, output.locale) : error;
    output.error(said);
    return exitCodeOf(said);
  } finally {
    stopListening();
  }
}

/** The launcher passes on signals that a terminal sends to both: two this close are one. */
const SAME_KEY_PRESS_MS = 200;

/** The first signal asks the command to end; a second one does not wait for it. */
function onSignals(interrupt: AbortController): () => void {
  let firstAt = 0;
  const handler = (signal: NodeJS.Signals): void => {
    if (!interrupt.signal.aborted) {
      firstAt = performance.now();
      interrupt.abort(signal);
    } else if (performance.now() - firstAt > SAME_KEY_PRESS_MS) process.exit(EXIT.interrupted);
  };
  process.on('SIGINT', handler);
  process.on('SIGTERM', handler);
  return () => {
    process.off('SIGINT', handler);
    process.off('SIGTERM', handler);
  };
}

/** Whoever read our output has ended (`| head`): what is left to say is dropped, what is left to do is done. */
function surviveClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    if (stream.listenerCount('error') > 0) continue;
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_DESTROYED') throw error;
    });
  }
}

/** For what is said when there is no context: the command line or the configuration may be what is wrong. */
function outputFor(args: readonly string[]): Output {
  const locale = localeOf({
    locale: optionOf(args, '--locale'),
    configFile: optionOf(args, '--config'),
    dataDir: optionOf(args, '--data-dir'),
  });
  return new Output({ json: args.includes('--json'), locale });
}

function optionOf(args: readonly string[], flag: string): string | undefined {
  const at = args.findIndex((arg) => arg === flag || arg.startsWith(`${flag}=`));
  return args[at]?.includes('=') ? args[at].slice(flag.length + 1) : at >= 0 ? args[at + 1] : undefined;
}
