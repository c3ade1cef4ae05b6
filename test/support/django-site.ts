/** Django with real logins, as a process of its own. What it can do stands in django-site/site.py. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { acquireLock } from '../../src/locks/process-lock.ts';

const HOME = join(import.meta.dirname, 'django-site');
const FETCH_TIMEOUT_MS = 240_000;
const START_TIMEOUT_MS = 60_000;

/** The secret of the one-time codes of `tess`: "12345678901234567890" in Base32. */
export const TOTP_SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';

/** Why there is no Django on this machine; null: there is, or it can be fetched from PyPI. */
export function noDjango(): string | null {
  const { status } = spawnSync('python3', [
    '-c',
    'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))',
  ]);
  return status === 0 ? null : 'Python 3.10 or later with venv is not installed (runs the site to log in to)';
}

/** A request as the site saw it. */
export interface SiteVisit {
  readonly method: string;
  readonly path: string;
  /** Unix time in seconds. */
  readonly at: number;
  readonly user: string | null;
  /** Digest of the one-time code. */
  readonly code: string | null;
}

/** A request that waits until it is let go. */
export interface Hold {
  readonly method: string;
  readonly path: string;
  /** `before` the site looks at it, or `after` it has done all but the answer. */
  readonly when: 'before' | 'after';
  /** Only those that send this field. */
  readonly field?: string;
}

/** A running site. All its users (`anna`; `tess` and `quick` with one-time codes of 30 and 4 seconds; `locked`) have one password. */
export class DjangoSite {
  readonly url: string;
  readonly #dir: string;
  readonly #process: ChildProcess;

  private constructor(url: string, dir: string, process: ChildProcess) {
    this.url = url;
    this.#dir = dir;
    this.#process = process;
  }

  /** @param dir an empty directory of the test's own. */
  static async start(cacheDir: string, dir: string, password: string): Promise<DjangoSite> {
    const python = await installed(cacheDir);
    const child = spawn(python, ['-B', join(HOME, 'site.py'), dir, '0'], {
      env: { ...process.env, SITE_PASSWORD: password },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let out = '';
    let err = '';
    child.stdout.on('data', (text) => {
      out += text;
    });
    child.stderr.on('data', (text) => {
      err += text;
    });
    const deadline = performance.now() + START_TIMEOUT_MS;
    while (!/^\d+\n/.test(out)) {
      if (child.exitCode !== null || performance.now() > deadline) {
        child.kill('SIGKILL');
        throw new Error(`Django did not start: ${err.slice(-2000)}`);
      }
      await delay(20);
    }
    return new DjangoSite(`http://localhost:${out.trim()}`, dir, child);
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null) return;
    const gone = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.kill('SIGKILL');
    await gone;
  }

  visits(): SiteVisit[] {
    const file = join(this.#dir, 'requests.jsonl');
    if (!existsSync(file)) return [];
    const lines = readFileSync(file, 'utf8').trim().split('\n');
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as SiteVisit);
  }

  /** Forgets the visits so far. */
  forget(): void {
    rmSync(join(this.#dir, 'requests.jsonl'), { force: true });
  }

  set(state: 'down' | 'captcha', on: boolean): void {
    const file = join(this.#dir, state);
    if (on) writeFileSync(file, '');
    else rmSync(file, { force: true });
  }

  /** Lets requests of a kind wait. */
  hold(what: Hold): void {
    rmSync(join(this.#dir, 'held'), { force: true });
    // At once and whole: the site may be reading it.
    writeFileSync(join(this.#dir, 'hold.new'), JSON.stringify(what));
    renameSync(join(this.#dir, 'hold.new'), join(this.#dir, 'hold'));
  }

  /** Waits until a request waits. */
  async held(): Promise<void> {
    const deadline = performance.now() + 60_000;
    while (!existsSync(join(this.#dir, 'held'))) {
      if (performance.now() > deadline) throw new Error('no request came to be held');
      await delay(10);
    }
  }

  /** Lets those go that wait. */
  release(): void {
    rmSync(join(this.#dir, 'hold'), { force: true });
  }
}

/** Makes the environment once on a machine. @returns its Python. */
async function installed(cacheDir: string): Promise<string> {
  const requirements = join(HOME, 'requirements.txt');
  const digest = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
  const home = join(cacheDir, `django-site-${digest}`);
  const python = join(home, 'bin', 'python');
  const complete = join(home, 'complete');
  if (existsSync(complete)) return python;
  mkdirSync(cacheDir, { recursive: true });
  using _lock = await acquireLock(`${home}.lock`, { timeoutMs: FETCH_TIMEOUT_MS });
  if (existsSync(complete)) return python;
  rmSync(home, { recursive: true, force: true });
  run('python3', ['-m', 'venv', home]);
  run(python, ['-m', 'pip', 'install', '-q', '--disable-pip-version-check', '-r', requirements]);
  writeFileSync(complete, '');
  return python;
}

function run(command: string, args: string[]): void {
  const { status, stdout, stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    timeout: FETCH_TIMEOUT_MS,
  });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stdout}${stderr}`);
}
