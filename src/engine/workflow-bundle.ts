/** The prebuilt workflow bundle: bundling takes about a second, which every worker's start would pay. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RekindleError } from '../domain/error-codes.ts';
import { acquireLock } from '../locks/process-lock.ts';

export interface BundlePlan {
  /** The module that exports the workflows. */
  readonly entry: string;
  /** Everything that goes into the bundle: when a file in there changes, the bundle is stale. */
  readonly sources: readonly string[];
  readonly target: string;
}

/** This module is `src/engine/…` in a checkout and `dist/engine/…` when published. */
const here = dirname(fileURLToPath(import.meta.url));
const published = import.meta.url.endsWith('.js');
const root = join(here, '..', '..');

/** Where the published package has its bundle. */
export const PUBLISHED_BUNDLE = join(root, 'dist', 'workflow-bundle.js');

const CHECKOUT: BundlePlan = {
  entry: join(root, 'src', 'workflows', 'index.ts'),
  sources: [join(root, 'src', 'workflows'), join(root, 'src', 'domain')],
  target: join(root, 'build', 'workflow-bundle.js'),
};

const LOCK_TIMEOUT_MS = 120_000;

/**
 * The workflow bundle, as `Worker.create({ workflowBundle })` takes it. In a checkout it is rebuilt when its sources
 * or the SDK have changed; the published package ships one that fits.
 * @throws {Error} when the workflows cannot be bundled; the bundler's output is in the message.
 */
export async function loadWorkflowBundle(plan?: BundlePlan): Promise<{ codePath: string }> {
  if (!plan && published) return { codePath: publishedBundle() };
  const { target } = plan ?? CHECKOUT;
  if (!isFresh(plan ?? CHECKOUT)) await rebuild(plan ?? CHECKOUT);
  return { codePath: target };
}

function publishedBundle(): string {
  if (existsSync(PUBLISHED_BUNDLE)) return PUBLISHED_BUNDLE;
  throw new RekindleError('INVALID_CONFIG', `the package is incomplete: ${PUBLISHED_BUNDLE} is missing`, {
    hint: 'Install rekindle again; in a checkout run `npm run build`.',
  });
}

/** Two processes that find the bundle stale build it once. */
async function rebuild(plan: BundlePlan): Promise<void> {
  using _lock = await acquireLock(`${plan.target}.lock`, {
    timeoutMs: LOCK_TIMEOUT_MS,
    purpose: 'bundling workflows',
  });
  if (isFresh(plan)) return;
  // Before bundling: a change made meanwhile leaves the bundle stale, not wrongly fresh.
  const hash = hashOf(plan);
  const code = await bundleWorkflows(plan.entry);
  mkdirSync(dirname(plan.target), { recursive: true });
  rmSync(hashFile(plan), { force: true });
  writeWhole(plan.target, code);
  writeWhole(hashFile(plan), hash);
}

/** Bundles with the SDK's own bundler, which brings webpack: loaded only when it is needed. */
async function bundleWorkflows(entry: string): Promise<string> {
  const { bundleWorkflowCode } = await import('@temporalio/worker');
  const output: string[] = [];
  const keep = (_level: string, message: string) => void output.push(message);
  const logger = {
    log: keep,
    trace: () => {},
    debug: () => {},
    info: () => {},
    warn: (message: string) => keep('WARN', message),
    error: (message: string) => keep('ERROR', message),
  };
  try {
    return (await bundleWorkflowCode({ workflowsPath: entry, logger })).code;
  } catch (error) {
    throw new Error(
      `the workflows in ${entry} cannot be bundled: ${[(error as Error).message, ...output].join('\n')}`,
      {
        cause: error,
      },
    );
  }
}

function isFresh(plan: BundlePlan): boolean {
  try {
    return existsSync(plan.target) && readFileSync(hashFile(plan), 'utf8') === hashOf(plan);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

function hashFile(plan: BundlePlan): string {
  return `${plan.target}.hash`;
}

/** Over the names and contents of the sources and the SDK's version, whose runtime is inside the bundle. */
function hashOf(plan: BundlePlan): string {
  const hash = createHash('sha256');
  hash.update(createRequire(import.meta.url)('@temporalio/worker/package.json').version);
  for (const directory of plan.sources) {
    const files = readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
    for (const file of files) {
      hash.update(`\0${relative(directory, file)}\0`);
      hash.update(readFileSync(file));
    }
  }
  return hash.digest('hex');
}

function writeWhole(path: string, text: string): void {
  const temporary = `${path}.${process.pid}.new`;
  writeFileSync(temporary, text);
  renameSync(temporary, path);
}
