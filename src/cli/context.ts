import { type Config, loadConfig } from '../config.ts';
import type { Logger } from '../logger.ts';
import { Output } from './output.ts';

/** What every command has at hand. */
export interface CommandContext {
  readonly config: Config;
  readonly output: Output;
  /** The process's log. It is loaded with the first call: commands that log nothing start 20 ms sooner. */
  readonly logger: () => Promise<Logger>;
  /** Aborted by the first Ctrl-C or SIGTERM; a second one ends the process at once. */
  readonly signal: AbortSignal;
}

/** Options that every command takes. */
export interface GlobalOptions {
  readonly dataDir?: string;
  readonly config?: string;
  readonly locale?: string;
  readonly logLevel?: string;
  readonly json?: boolean;
}

/** The options that every command takes: flags and description. */
export const GLOBAL_OPTIONS = [
  ['--data-dir <dir>', 'where rekindle keeps its data (default: ./data)'],
  ['--config <file>', 'configuration file (default: rekindle.yaml, when there is one)'],
  ['--locale <locale>', 'language of the texts: zh-CN or en (default: zh-CN)'],
  ['--log-level <level>', 'trace, debug, info, warn, error or silent (default: warn)'],
  ['--json', 'print one JSON object as the last line of standard output'],
] as const;

/** Makes the context of a command. @throws {RekindleError} INVALID_CONFIG */
export function contextOf(name: string, options: GlobalOptions, signal: AbortSignal): CommandContext {
  const config = loadConfig({
    dataDir: options.dataDir,
    configFile: options.config,
    locale: options.locale,
    logLevel: options.logLevel,
  });
  const output = new Output({ json: options.json ?? false, locale: config.locale });
  let log: Promise<Logger> | undefined;
  const logger = (): Promise<Logger> => {
    log ??= import('../logger.ts').then(({ createLogger }) => createLogger(name, config.logLevel));
    return log;
  };
  return { config, output, logger, signal };
}
