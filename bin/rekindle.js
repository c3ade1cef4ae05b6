#!/usr/bin/env node
// Launcher: finds the Node that package.json brings and the sources (checkout) or dist (published), nothing else.
// Plain JavaScript of old, since an older Node may start it.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import module from 'node:module';

const MINIMUM = 24;
/**
 * A worker makes much garbage that dies at once. With V8's default of 16 MiB for its nursery a worker's memory goes to
 * 290 MiB during a download of 5 GiB, with 2 MiB it stays below 220 MiB and is no slower (docs/decisions/0006-memory.md).
 */
const LEAN = '--max-semi-space-size=2';
/** `up` itself does no tasks: its children are started so. */
const COMMANDS_WITH_WORKER = ['worker', 'download'];

/** Whoever runs so long has loaded what it needs. In ms. */
const FLUSH_CACHE_AFTER_MS = 4000;
/** A process of `up` (src/supervisor/child-word.ts): it needs no command line, whose grammar takes 0.1 s to load. */
const CHILD_WORD = '__child';

/** The executable of the `node` package, or undefined when this very Node is recent enough. */
function betterNode() {
  if (Number.parseInt(process.versions.node, 10) >= MINIMUM) return undefined;
  const manifest = module.createRequire(import.meta.url).resolve('node/package.json');
  return manifest.replace(/package\.json$/, process.platform === 'win32' ? 'bin/node.exe' : 'bin/node');
}

/** V8 takes this setting only when a process starts; execve (not on Windows) starts it anew in its own place. */
function becomeLean() {
  const wanted = COMMANDS_WITH_WORKER.includes(process.argv[2]) && !process.execArgv.includes(LEAN);
  if (!wanted || process.platform === 'win32' || !process.execve) return;
  process.execve(process.execPath, [process.execPath, LEAN, ...process.execArgv, ...process.argv.slice(1)]);
}

const node = betterNode();
if (node) {
  const args = [LEAN, ...process.execArgv, ...process.argv.slice(1)];
  const child = spawn(node, args, { stdio: 'inherit' });
  // Signals sent to this process alone are passed on. A terminal's Ctrl-C reaches both; the child counts it once.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => {
    if (signal) process.kill(process.pid, signal);
    else process.exitCode = code ?? 1;
  });
} else {
  becomeLean();
  module.enableCompileCache();
  // Node writes the cache at the end of a process; one that is killed would start slowly again and again.
  setTimeout(() => module.flushCompileCache(), FLUSH_CACHE_AFTER_MS).unref();
  const isChild = process.send !== undefined && process.argv[2] === CHILD_WORD;
  const name = isChild ? 'cli/children/index' : 'cli/main';
  const source = new URL(`../src/${name}.ts`, import.meta.url);
  const built = new URL(`../dist/${name}.js`, import.meta.url);
  const { main } = await import((existsSync(source) ? source : built).href);
  process.exitCode = await main(process.argv.slice(isChild ? 3 : 2));
}
