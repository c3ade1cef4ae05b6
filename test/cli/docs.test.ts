import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { EXIT } from '../../src/cli/exit-codes.ts';
import { createProgram } from '../../src/cli/program.ts';
import { configFileSchema } from '../../src/config-schema.ts';
import { RETRY_ERROR_TYPES } from '../../src/domain/retry-policy.ts';
import { rekindle } from './support/cli.ts';

const cli = readFileSync('docs/cli.md', 'utf8');
const operations = readFileSync('docs/operations.md', 'utf8');

interface Leaf {
  /** `rekindle task show <id>` */
  readonly usage: string;
  readonly words: readonly string[];
  readonly command: Command;
}

function leavesOf(command: Command, words: readonly string[] = []): Leaf[] {
  if (command.commands.length > 0) {
    return command.commands.flatMap((child) => leavesOf(child, [...words, child.name()]));
  }
  const args = command.usage().replace(/^\[options\] ?/, '');
  return [{ usage: `rekindle ${[...words, args].join(' ')}`.trim(), words, command }];
}

const leaves = leavesOf(createProgram(new AbortController().signal, () => undefined));

/** The part of docs/cli.md about a command. */
function sectionOf(usage: string): string {
  return cli.split(/^## /m).find((part) => part.startsWith(`\`${usage}\`\n`)) ?? '';
}

describe('docs/cli.md', () => {
  test('has every command, and no other', () => {
    const documented = [...cli.matchAll(/^## `(.+)`$/gm)].map(([, usage]) => usage);
    expect(documented.sort()).toEqual(leaves.map(({ usage }) => usage).sort());
  });

  test('has every option of every command, and no other', () => {
    const flagsIn = (text: string) =>
      [...text.matchAll(/^\| `(-.+?)` \|/gm)].map(([, flags]) => flags).sort();
    const common = flagsIn(cli.split(/^## /m).find((part) => part.startsWith('Options of every')) ?? '');
    for (const { usage, command } of leaves) {
      const flags = command.options.map((option) => option.flags);
      expect([usage, [...flagsIn(sectionOf(usage)), ...common].sort()]).toEqual([
        usage,
        [...flags, '-h, --help'].sort(),
      ]);
    }
  });

  test('says what --json gives for every command', () => {
    for (const { usage } of leaves)
      expect([usage, sectionOf(usage)]).toEqual([usage, expect.stringContaining('`--json`')]);
  });

  test('has the exit codes', () => {
    const rows = [...cli.matchAll(/^\| (\d+) \| `(\w+)` \|/gm)].map(([, code, name]) => [name, Number(code)]);
    expect(Object.fromEntries(rows)).toEqual(EXIT);
  });
});

describe('--help', () => {
  test.each(leaves.map(({ words }) => words.join(' ')))('of %s', async (words) => {
    const { code, stdout, stderr } = await rekindle([...words.split(' '), '--help']);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain(`Usage: rekindle ${words}`);
    for (const flag of ['--data-dir', '--json', '--help']) expect(stdout).toContain(flag);
  });

  test('of all commands names each of them', async () => {
    const { code, stdout } = await rekindle(['--help']);
    expect(code).toBe(0);
    for (const { words } of leaves) expect(stdout).toContain(`  ${words[0]} `);
  });
});

/** Every key of the schema, dotted; those of one retry type stand for all, names that the user chooses are `<name>`. */
function keysOf(schema: z.ZodType, path: readonly string[] = []): string[] {
  const { innerType, shape, valueType } = (
    schema as unknown as {
      def: { innerType?: z.ZodType; shape?: Record<string, z.ZodType>; valueType?: z.ZodType };
    }
  ).def;
  if (innerType) return keysOf(innerType, path);
  if (valueType) return keysOf(valueType, [...path, '<name>']);
  if (!shape) return [path.join('.')];
  return Object.entries(shape).flatMap(([key, inner]) => keysOf(inner, [...path, key]));
}

describe('docs/operations.md', () => {
  test('has every key of the configuration, and no other', () => {
    const type = new RegExp(`\\.(${RETRY_ERROR_TYPES.join('|')})\\.`);
    const keys = new Set(keysOf(configFileSchema).map((key) => key.replace(type, '.<type>.')));
    const configuration = operations.split(/^## /m).find((part) => part.startsWith('Configuration')) ?? '';
    const documented = [...configuration.matchAll(/^\| `([a-z][a-z_.<>]*)` \|/gm)].map(
      ([, key]) => key ?? '',
    );
    expect(documented.sort()).toEqual([...keys].sort());
  });

  test('has every variable that config.ts reads, and no other', () => {
    const source = readFileSync('src/config.ts', 'utf8');
    const read = new Set([...source.matchAll(/\b((?:REKINDLE|FAILURE)_[A-Z_]+)\b/g)].map(([, name]) => name));
    const documented = [...operations.matchAll(/^\| `((?:REKINDLE|FAILURE)_[A-Z_]+)` \|/gm)].map(
      ([, name]) => name,
    );
    expect(documented.sort()).toEqual([...read].sort());
  });
});

test('both READMEs show the same commands', () => {
  const commandsOf = (file: string) =>
    [...readFileSync(file, 'utf8').matchAll(/^(?:npm|npx) .*?(?= {2}#|$)/gm)].map(([line]) => line.trim());
  expect(commandsOf('README.zh-CN.md')).toEqual(commandsOf('README.md'));
});
