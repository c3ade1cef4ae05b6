import type { CommandContext, GlobalOptions } from './context.ts';

/** What a command does; returns the exit code. The module is only loaded when the command is used. */
export type CommandAction<Options extends GlobalOptions = GlobalOptions> = (
  context: CommandContext,
  args: string[],
  options: Options,
) => Promise<number>;

/** A command's place in the program: its words and options, and the module that does it. */
export interface CommandSpec {
  readonly usage: string;
  readonly description: string;
  readonly options?: readonly (readonly [flags: string, description: string])[];
  readonly load: () => Promise<{ readonly run: CommandAction<never> }>;
}

/** Commands with a common first word. */
export interface GroupSpec {
  readonly name: string;
  readonly description: string;
  readonly commands: readonly CommandSpec[];
  readonly groups?: readonly GroupSpec[];
}
