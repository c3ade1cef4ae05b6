/** The rooms of the house (docs: DESIGN): who may import what, and what may stand where. Biome sees to import cycles. */
import { globSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadWorkflowBundle } from '../src/engine/workflow-bundle.ts';
import { tempDir } from './support/temp-dir.ts';

const ROOT = resolve(import.meta.dirname, '..');
const SRC = join(ROOT, 'src');

const filesOf = (room: string) =>
  globSync(join(room, '**/*.ts'), { cwd: SRC }).map((file) => join(SRC, file));
const shown = (file: string) => relative(ROOT, file);

/** What of a file runs: without types, and so without imports of types. */
function running(file: string): string {
  return stripTypeScriptTypes(readFileSync(file, 'utf8'));
}

function withoutComments(code: string): string {
  return code.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
}

/** What a file loads: modules by name, and files by path. */
function importsOf(file: string): string[] {
  const code = withoutComments(running(file));
  const found = [
    ...code.matchAll(/^(?:import|export)\s[^'"=()]*\bfrom\s+['"]([^'"]+)['"]/gm),
    ...code.matchAll(/^import\s+['"]([^'"]+)['"]/gm),
  ];
  const dynamic = [...code.matchAll(/\bimport\(\s*['"]([^'"]+)['"]/g)];
  return [...found, ...dynamic].flatMap(([, name = '']) =>
    name.startsWith('.') ? resolve(dirname(file), name) : name,
  );
}

/** Everything that loading this file loads. */
function loadedBy(file: string, seen = new Set<string>()): Set<string> {
  for (const name of importsOf(file)) {
    if (seen.has(name)) continue;
    seen.add(name);
    if (name.startsWith('/')) loadedBy(name, seen);
  }
  return seen;
}

/** Places where something stands that must not: `file:line: text`. */
function findings(files: readonly string[], forbidden: RegExp): string[] {
  return files.flatMap((file) =>
    withoutComments(running(file))
      .split('\n')
      .flatMap((line) => (forbidden.test(line) ? `${shown(file)}: ${line.trim()}` : [])),
  );
}

describe('workflow code', () => {
  test('is bundled without anything of Node', async () => {
    const target = join(tempDir('bundle'), 'bundle.js');
    const entry = join(SRC, 'workflows', 'index.ts');
    const { codePath } = await loadWorkflowBundle({ entry, sources: [join(SRC, 'workflows')], target });
    const code = readFileSync(codePath, 'utf8');
    expect(code).toContain('videoDownload');
    expect(code).not.toMatch(/require\(["'](?:node:|better-sqlite3|undici|pino)/);
  });

  test('loads, directly or not, only the SDK’s workflow packages, itself and the domain', () => {
    const loaded = filesOf('workflows').flatMap((file) => [...loadedBy(file)]);
    const strangers = new Set(
      loaded.filter((name) => {
        if (name.startsWith('/')) return !/^src\/(?:workflows|domain)\//.test(shown(name));
        return name !== '@temporalio/workflow' && name !== '@temporalio/common';
      }),
    );
    expect([...strangers]).toEqual([]);
    // The check sees what it is about.
    expect(loaded).toContain('@temporalio/workflow');
    expect(loaded.map(shown)).toContain('src/domain/checkpoint.ts');
  });

  test('neither it nor the domain reaches for the world outside', () => {
    const outside = /\bprocess\.|\brequire\(|\bfetch\(|\bperformance\.|\bcrypto\.|\bBuffer\b|\bglobalThis\b/;
    expect(findings([...filesOf('workflows'), ...filesOf('domain')], outside)).toEqual([]);
  });
});

test('the domain imports nothing but itself', () => {
  const strangers = filesOf('domain').flatMap((file) =>
    importsOf(file)
      .filter((name) => !name.startsWith(join(SRC, 'domain')))
      .map((name) => `${shown(file)}: ${name}`),
  );
  expect(strangers).toEqual([]);
});

describe('only the mirror', () => {
  const others = filesOf('.').filter((file) => !file.startsWith(join(SRC, 'mirror')));
  const sql =
    /\b(?:SELECT\s.+\sFROM|INSERT\s+(?:OR\s+\w+\s+)?INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM|(?:CREATE|ALTER|DROP)\s+(?:TABLE|INDEX|TRIGGER|VIEW))\b/i;

  test('speaks SQL', () => {
    expect(findings(others, sql)).toEqual([]);
    expect(findings(filesOf('mirror'), sql)).not.toEqual([]);
  });

  test('opens SQLite, beside the locks, which use nothing of it but its locking', () => {
    const users = filesOf('.').filter((file) => importsOf(file).includes('better-sqlite3'));
    const rooms = new Set(users.map((file) => shown(file).split('/')[1]));
    expect([...rooms].sort()).toEqual(['locks', 'mirror']);
  });
});

test('only the configuration reads the environment', () => {
  const readers = filesOf('.').filter((file) => findings([file], /\bprocess\.env\b/).length > 0);
  // A tool that is started gets the environment as it is; nothing is read from it.
  expect(readers.map(shown)).toEqual(['src/config.ts']);
});

test('rooms below know nothing of those above', () => {
  const composing = ['workflows', 'activities', 'client', 'cli', 'supervisor'];
  const worldly = [...composing, 'mirror', 'engine', 'download'];
  const below: Record<string, readonly string[]> = {
    tasks: [...worldly, 'notify'],
    notify: [...worldly, 'tasks'],
    report: [...worldly, 'tasks'],
    monitoring: [...worldly, 'tasks', 'notify'],
    download: [...composing, 'mirror', 'engine'],
    sites: [...composing, 'mirror', 'engine', 'tasks', 'notify'],
    failures: worldly,
    mirror: [...composing, 'engine', 'download'],
    sessions: worldly,
    engine: [...composing, 'mirror', 'download'],
    activities: ['workflows', 'client', 'cli', 'supervisor', 'engine'],
    client: ['workflows', 'activities', 'cli', 'supervisor', 'mirror', 'download'],
  };
  const wrong = Object.entries(below).flatMap(([room, above]) =>
    filesOf(room).flatMap((file) =>
      importsOf(file)
        .filter((name) => name.startsWith(SRC) && above.includes(shown(name).split('/')[1] ?? ''))
        .map((name) => `${shown(file)}: ${shown(name)}`),
    ),
  );
  expect(wrong).toEqual([]);
});
