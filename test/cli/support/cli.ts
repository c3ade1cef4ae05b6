/** Runs bin/rekindle.js as a user does: as a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, inject, onTestFinished } from 'vitest';
import { stopEngine } from '../../../src/engine/embedded.ts';
import { tempDir } from '../../support/temp-dir.ts';

const LAUNCHER = resolve('bin/rekindle.js');
const NODE = resolve('node_modules/.bin/node');

/** How a command is run. */
export interface CliOptions {
  readonly cwd?: string;
  readonly env?: Record<string, string>;
  /** @default the project's own */
  readonly node?: string;
  /** What it reads from standard input. */
  readonly input?: string;
}

/** A command that runs. */
export class CliProcess {
  readonly child: ChildProcess;
  stdout = '';
  stderr = '';
  readonly #lines: AsyncIterator<string>;
  readonly #closed: Promise<unknown>;

  constructor(args: readonly string[], { cwd, env, node = NODE, input }: CliOptions = {}) {
    this.child = spawn(node, [LAUNCHER, ...args], { cwd, env: environment(env), stdio: 'pipe' });
    this.#closed = once(this.child, 'close');
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.#lines = createInterface({ input: this.child.stdout as NodeJS.ReadableStream })[
      Symbol.asyncIterator
    ]();
    this.child.stdin?.on('error', () => undefined).end(input ?? '');
  }

  /** The next line of its standard output. */
  async line(): Promise<string> {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`rekindle ended without a line:\n${this.stderr}`);
    return value;
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Waits until it talks to a server: it has a socket beside its three standard streams (Linux). */
  async connected(): Promise<void> {
    const dir = `/proc/${this.child.pid}/fd`;
    const isSocket = (fd: string): boolean => {
      try {
        return readlinkSync(join(dir, fd)).startsWith('socket:');
      } catch {
        return false;
      }
    };
    while (readdirSync(dir).filter(isSocket).length < 4)
      await new Promise((resolve) => setImmediate(resolve));
  }

  /** Waits for its end. */
  async end(): Promise<CliResult> {
    await this.#closed;
    const { exitCode, signalCode } = this.child;
    return new CliResult(exitCode, signalCode, this.stdout, this.stderr);
  }
}

/** What came of a command. */
export class CliResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;

  constructor(code: number | null, signal: NodeJS.Signals | null, stdout: string, stderr: string) {
    this.code = code;
    this.signal = signal;
    this.stdout = stdout;
    this.stderr = stderr;
  }

  /** The one object that `--json` promises as the last line. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into it freely
  get json(): any {
    const lines = this.stdout.trimEnd().split('\n');
    const objects = lines.filter((line) => line.startsWith('{'));
    if (objects.length !== 1 || lines.at(-1) !== objects[0])
      throw new Error(`not exactly one JSON object at the end:\n${this.stdout}\n${this.stderr}`);
    return JSON.parse(objects[0] ?? '');
  }
}

/** Starts a command; it is killed when the test ends before it. */
export function start(args: readonly string[], options?: CliOptions): CliProcess {
  const command = new CliProcess(args, options);
  onTestFinished(() => command.kill('SIGKILL'));
  return command;
}

/** Runs a command to its end. */
export async function rekindle(args: readonly string[], options?: CliOptions): Promise<CliResult> {
  return await start(args, options).end();
}

/** Runs a command with `--json` that is expected to end with this exit code. @returns its object. */
// biome-ignore lint/suspicious/noExplicitAny: tests look into it freely
export async function json(args: readonly string[], code = 0, options?: CliOptions): Promise<any> {
  const result = await rekindle([...args, '--json'], options);
  if (result.code !== code) throw new Error(`exit code ${result.code}\n${result.stdout}\n${result.stderr}`);
  return result.json;
}

/** Nothing of the environment of whoever runs the tests but what a program cannot do without. */
function environment(more: Record<string, string> = {}): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    HOME: process.env.HOME ?? '',
    REKINDLE_TEMPORAL_CLI: inject('temporalExecutable'),
    REKINDLE_CACHE_DIR: inject('cacheDir'),
    REKINDLE_LOCALE: 'en',
    ...more,
  };
}

/** A data directory of the test's own; what still runs for it at the end is stopped. */
export function ownDataDir(): string {
  const dataDir = join(tempDir('cli'), 'data');
  onTestFinished(async () => {
    await stopEngine(dataDir, { graceMs: 0 });
  });
  return dataDir;
}

/** A `rekindle up` for all tests of a file. @returns how to get its data directory inside a test. */
export function suiteUp(): () => string {
  const root = mkdtempSync(join(tmpdir(), 'rekindle-cli-'));
  const dataDir = join(root, 'data');
  let up: CliProcess | undefined;
  beforeAll(async () => {
    up = new CliProcess(['up', '--json', '--data-dir', dataDir], { cwd: root });
    expect(JSON.parse(await up.line())).toMatchObject({ status: 'up', data_dir: dataDir });
  });
  afterAll(async () => {
    up?.kill('SIGKILL');
    await up?.end();
    await stopEngine(dataDir, { graceMs: 0 });
    rmSync(root, { recursive: true, force: true });
  });
  return () => dataDir;
}
