import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { OLDEST_NODE, problemWithNode } from '../src/require-node.ts';

test('a Node that is too old for the library is told, with the way out', () => {
  for (const version of ['20.20.2', '22.19.0', '23.11.1'])
    expect(problemWithNode(version)).toMatch(
      `needs Node 24 or newer to be imported, and this is Node ${version}`,
    );
  for (const version of ['24.0.0', '26.1.0']) expect(problemWithNode(version)).toBeUndefined();
});

test('that is the first thing which loading the library does', () => {
  const [first] = readFileSync('src/index.ts', 'utf8').match(/^(?:import|export)\b.*$/m) ?? [];
  expect(first).toBe("import './require-node.ts';");
});

test('the command line and package.json speak of the same Node', () => {
  expect(readFileSync('bin/rekindle.js', 'utf8')).toContain(`const MINIMUM = ${OLDEST_NODE};`);
  const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
  expect(problemWithNode(dependencies.node)).toBeUndefined();
});
