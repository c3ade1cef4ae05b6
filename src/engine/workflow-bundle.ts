/** The prebuilt workflow bundle: bundling takes about a second, which every worker's start would pay. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Config } from '../config.ts';
import { RekindleError } from '../domain/error-codes.ts';
import { acquireLock } from '../locks/process-lock.ts';
import { FAILURE_CONVERTER } from './data-converter.ts';

export interface BundlePlan {
  /** The module that exports the workflows. */
  readonly entry: string;
  /** Everything that goes into the bundle: when a file in there changes, the bundle is stale. */
  readonly sources: readonly string[];
  readonly target: string;
  /** Module with the failure converter that workflows use. @default the SDK's own */
  readonly failureConverter?: string;
}

/** This module is `src/engine/…` in a checkout and `dist/engine/…` when published. */
const here = dirname(fileURLToPath(import.meta.url));
const published = import.meta.url.endsWith('.js');
const root = join(here, '..', '..');

/** The bundles there are: a workflow's failures are written inside it, so that encryption needs one of its own. */
export const BUNDLES = ['workflow-bundle.js', 'workflow-bundle-encrypted.js'] as const;
export type BundleName = (typeof BUNDLES)[number];

/** Where the published package has its bundles. */
export const publishedPath = (name: BundleName): string => join(root, 'dist', name);

function checkout(name: BundleName): BundlePlan {
  return {
    entry: join(root, 'src', 'workflows', 'index.ts'),
    sources: [join(root, 'src', 'workflows'), join(root, 'src', 'domain')],
    target: join(root, 'build', name),
    ...(name === 'workflow-bundle-encrypted.js' ? { failureConverter: FAILURE_CONVERTER } : {}),
  };
}

/** The bundle that a worker with this configuration runs. */
export function bundleFor({ encryption }: Pick<Config, 'encryption'>): BundleName {
  return encryption ? 'workflow-bundle-encrypted.js' : 'workflow-bundle.js';
}

const LOCK_TIMEOUT_MS = 120_000;

/**
 * The workflow bundle, as `Worker.create({ workflowBundle })` takes it. In a checkout it is rebuilt when its sources
 * or the SDK have changed; the published package ships one that fits.
 * @throws {Error} when the workflows cannot be bundled; the bundler's output is in the message.
 */
export async function loadWorkflowBundle(
  wanted: BundleName | BundlePlan = 'workflow-bundle.js',
): Promise<{ codePath: string }> {
  if (typeof wanted === 'string' && published) return { codePath: publishedBundle(wanted) };
  const plan = typeof wanted === 'string' ? checkout(wanted) : wanted;
  if (!isFresh(plan)) await rebuild(plan);
  return { codePath: plan.target };
}

function publishedBundle(name: BundleName): string {
  const path = publishedPath(name);
  if (existsSync(path)) return path;
  throw new RekindleError('INVALID_CONFIG', `the package is incomplete: ${path} is missing`, {
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
  const code = await bundleWorkflows(plan);
  mkdirSync(dirname(plan.target), { recursive: true });
  rmSync(hashFile(plan), { force: true });
  writeWhole(plan.target, code);
  writeWhole(hashFile(plan), hash);
}

/** Bundles with the SDK's own bundler, which brings webpack: loaded only when it is needed. */
async function bundleWorkflows({ entry, failureConverter }: BundlePlan): Promise<string> {
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
    const converter = failureConverter === undefined ? {} : { failureConverterPath: failureConverter };
    return (await bundleWorkflowCode({ workflowsPath: entry, ...converter, logger })).code;
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
