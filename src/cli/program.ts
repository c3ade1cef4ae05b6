import { readFileSync } from 'node:fs';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { CommandSpec, GroupSpec } from './command-spec.ts';
import { COMMANDS } from './command-table.ts';
import { contextOf, GLOBAL_OPTIONS, type GlobalOptions } from './context.ts';
import { GROUPS } from './group-table.ts';

/** Builds the command line's grammar. @param onExitCode told the exit code of the command that ran. */
export function createProgram(signal: AbortSignal, onExitCode: (code: number) => void): Command {
  const program = new Command('rekindle')
    .description('Makes long-running tasks finish.')
    .version(version(), '-V, --version')
    .exitOverride()
    // A wrong command line is told as every other error is, see main.ts.
    .configureOutput({ outputError: () => undefined });
  for (const spec of COMMANDS) addCommand(program, spec, signal, onExitCode);
  for (const group of GROUPS) addGroup(program, group, signal, onExitCode);
  return program;
}

function addGroup(
  parent: Command,
  { name, description, commands, groups = [] }: GroupSpec,
  signal: AbortSignal,
  onExitCode: (code: number) => void,
): void {
  // Options belong to its commands: what is wrong with `rekindle notify --json` is that no command was given.
  const command = parent.command(name).description(description).allowUnknownOption();
  for (const spec of commands) addCommand(command, spec, signal, onExitCode);
  for (const group of groups) addGroup(command, group, signal, onExitCode);
}

function addCommand(
  parent: Command,
  spec: CommandSpec,
  signal: AbortSignal,
  onExitCode: (code: number) => void,
): void {
  const command = parent.command(spec.usage).description(spec.description);
  for (const [flags, description] of [...(spec.options ?? []), ...GLOBAL_OPTIONS])
    command.addOption(optionOf(flags, description));
  command.action(async (...given: unknown[]) => {
    const options = command.opts<GlobalOptions>();
    const args = given.slice(0, -2).flat() as string[];
    const { run } = await spec.load();
    onExitCode(await run(contextOf(command.name(), options, signal), args, options as never));
  });
}

/** An option whose value cannot be the next option, so that a forgotten value is noticed. */
export function optionOf(flags: string, description: string): Option {
  const option = new Option(flags, description);
  if (!option.required) return option;
  return option.argParser((value: string) => {
    if (value.startsWith('--')) throw new InvalidArgumentError('The value of the option is missing.');
    return value;
  });
}

function version(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
