#!/usr/bin/env node
// Launcher: finds the Node that package.json brings and the sources (checkout) or dist (published), nothing else.
// Plain JavaScript of old, since an older Node may start it.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import module from 'node:module';

const MINIMUM = 24;

/** The executable of the `node` package, or undefined when this very Node is recent enough. */
function betterNode() {
  if (Number.parseInt(process.versions.node, 10) >= MINIMUM) return undefined;
  const manifest = module.createRequire(import.meta.url).resolve('node/package.json');
  return manifest.replace(/package\.json$/, process.platform === 'win32' ? 'bin/node.exe' : 'bin/node');
}

const node = betterNode();
if (node) {
  const child = spawn(node, [...process.execArgv, ...process.argv.slice(1)], { stdio: 'inherit' });
  // Signals sent to this process alone are passed on. A terminal's Ctrl-C reaches both; the child counts it once.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => {
    if (signal) process.kill(process.pid, signal);
    else process.exitCode = code ?? 1;
  });
} else {
  module.enableCompileCache();
  const source = new URL('../src/cli/main.ts', import.meta.url);
  const built = new URL('../dist/cli/main.js', import.meta.url);
  const { main } = await import((existsSync(source) ? source : built).href);
  process.exitCode = await main(process.argv.slice(2));
}
