import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SEARCH_ATTRIBUTES } from '../../src/domain/task-state.ts';
import { tempDir } from '../support/temp-dir.ts';

interface Outcome {
  readonly status: number | null;
  readonly stderr: string;
  /** The calls of the stand-in, one a line. */
  readonly calls: readonly string[];
}

/** Runs a script of docker/temporal with a stand-in for Temporal's tool: a shell function's body. */
function runScript(script: string, tool: string, standIn: string, env: Record<string, string>): Outcome {
  const dir = tempDir('docker');
  const log = join(dir, 'calls');
  const program = join(dir, tool);
  writeFileSync(program, `#!/bin/sh\necho "$@" >> ${log}\n${standIn}\n`);
  chmodSync(program, 0o755);
  const { status, stderr } = spawnSync('/bin/sh', [join('docker/temporal', script)], {
    encoding: 'utf8',
    env: { ...env, PATH: `${dir}:/usr/bin:/bin` },
  });
  const calls = existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : [];
  return { status, stderr, calls };
}

describe('create-namespace.sh', () => {
  const env = { TEMPORAL_ADDRESS: 'temporal:7233', TEMPORAL_NAMESPACE: 'tasks', RETENTION_DAYS: '30' };
  const create = (standIn: string, days = '30') =>
    runScript('create-namespace.sh', 'temporal', standIn, { ...env, RETENTION_DAYS: days });

  it('makes a namespace that is missing', () => {
    const { status, calls } = create('[ "$3" != describe ]');
    expect(status).toBe(0);
    expect(calls).toContain('operator namespace create --namespace tasks --retention 720h');
  });

  it('gives a namespace that is there its retention', () => {
    const { status, calls } = create('true', '10');
    expect(status).toBe(0);
    expect(calls).toContain('operator namespace update --namespace tasks --retention 240h');
    expect(calls.join()).not.toContain('namespace create');
  });

  it('adds the search attributes that tasks have', () => {
    const call = create('true').calls.find((line) => line.includes('search-attribute create')) ?? '';
    expect(call).toContain('--namespace tasks');
    const added = [...call.matchAll(/--name (\w+) --type (\w+)/g)].map(([, name, type]) => [
      name,
      type?.toUpperCase(),
    ]);
    expect(Object.fromEntries(added)).toEqual(SEARCH_ATTRIBUTES);
  });

  it('waits until the server answers, and until namespace and attributes can be used', () => {
    const countdown = (words: string) =>
      `case "$*" in "${words}"*) [ "$(grep -c "^${words}" "$(dirname "$0")/calls")" -ge 2 ] ;; esac`;
    for (const words of ['operator cluster health', 'operator search-attribute', 'workflow list']) {
      const { status, calls } = create(countdown(words));
      expect(status).toBe(0);
      expect(calls.filter((call) => call.startsWith(words))).toHaveLength(2);
    }
  });

  it.each(['7', '0', '-30', '30d', ''])('refuses a retention of "%s" days', (days) => {
    const { status, stderr, calls } = create('true', days);
    expect(status).toBe(2);
    expect(stderr).toContain('TEMPORAL_RETENTION_DAYS');
    expect(calls).toEqual([]);
  });

  it('fails when the server refuses', () => {
    expect(create('[ "$3" != describe ] && [ "$3" != create ]').status).not.toBe(0);
  });
});

describe('setup-schema.sh', () => {
  const setUp = (standIn: string) =>
    runScript('setup-schema.sh', 'temporal-sql-tool', standIn, { SQL_USER: 'temporal' });

  it('makes both databases and brings their schemas up to date', () => {
    const { status, calls } = setUp('true');
    expect(status).toBe(0);
    expect(calls).toEqual([
      '--database temporal create-database --defaultdb temporal',
      '--database temporal setup-schema --version 0.0',
      '--database temporal update-schema --schema-name postgresql/v12/temporal',
      '--database temporal_visibility create-database --defaultdb temporal',
      '--database temporal_visibility setup-schema --version 0.0',
      '--database temporal_visibility update-schema --schema-name postgresql/v12/visibility',
    ]);
  });

  it('stops at the first step that fails', () => {
    const { status, calls } = setUp('[ "$3" != setup-schema ]');
    expect(status).not.toBe(0);
    expect(calls).toHaveLength(2);
  });
});
