import { CommanderError } from 'commander';
import { EXIT, exitCodeOf } from './exit-codes.ts';
import { Output } from './output.ts';
import { createProgram } from './program.ts';

/**
 * Runs one command line.
 * @param args what stands after the program's name.
 * @returns the exit code, see {@link EXIT}.
 */
export async function main(args: readonly string[]): Promise<number> {
  const interrupt = new AbortController();
  const stopListening = onSignals(interrupt);
  let exitCode: number = EXIT.ok;
  try {
    const program = createProgram(interrupt.signal, (code) => {
      exitCode = code;
    });
    await program.parseAsync([...args], { from: 'user' });
    return exitCode;
  } catch (error) {
    // Commander has said it already: help and version end with 0, a wrong command line does not.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    if (interrupt.signal.aborted) return EXIT.interrupted;
    new Output({ json: args.includes('--json'), locale: localeOf(args) }).error(error);
    return exitCodeOf(error);
  } finally {
    stopListening();
  }
}

/** The first signal asks the command to end; a second one does not wait for it. */
function onSignals(interrupt: AbortController): () => void {
  const handler = (signal: NodeJS.Signals): void => {
    if (interrupt.signal.aborted) process.exit(EXIT.interrupted);
    interrupt.abort(signal);
  };
  process.on('SIGINT', handler);
  process.on('SIGTERM', handler);
  return () => {
    process.off('SIGINT', handler);
    process.off('SIGTERM', handler);
  };
}

/** Before the configuration is read (it may be what is wrong), only the flag can say the language. */
function localeOf(args: readonly string[]): 'zh-CN' | 'en' {
  const at = args.findIndex((arg) => arg === '--locale' || arg.startsWith('--locale='));
  const value = args[at]?.includes('=') ? args[at].slice('--locale='.length) : args[at + 1];
  return at >= 0 && value === 'en' ? 'en' : 'zh-CN';
}
