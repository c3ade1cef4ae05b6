import { cpSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { loadWorkflowBundle } from '../../src/engine/workflow-bundle.ts';
import { tempDir } from '../support/temp-dir.ts';

const FIXTURE = resolve(import.meta.dirname, 'fixture');

/** A little project of its own, which sees our node_modules. */
function project() {
  const dir = tempDir('bundle');
  cpSync(FIXTURE, join(dir, 'src'), { recursive: true });
  symlinkSync(resolve('node_modules'), join(dir, 'node_modules'));
  return {
    dir,
    plan: {
      entry: join(dir, 'src', 'workflows.ts'),
      sources: [join(dir, 'src')],
      target: join(dir, 'build', 'bundle.js'),
    },
  };
}

test('workflows are bundled once, and again only when a source changes', async () => {
  const { dir, plan } = project();
  const { codePath } = await loadWorkflowBundle(plan);
  expect(codePath).toBe(plan.target);
  expect(readFileSync(codePath, 'utf8')).toContain('hello');
  const { mtimeMs } = statSync(codePath);
  await loadWorkflowBundle(plan);
  expect(statSync(codePath).mtimeMs).toBe(mtimeMs);
  writeFileSync(
    join(dir, 'src', 'names.ts'),
    "export const GREETING = 'good evening';\nexport type Greeted = { readonly name: string };\n",
  );
  await loadWorkflowBundle(plan);
  expect(readFileSync(codePath, 'utf8')).toContain('good evening');
});

test('two that find it stale bundle it once', async () => {
  const { plan } = project();
  const paths = await Promise.all([loadWorkflowBundle(plan), loadWorkflowBundle(plan)]);
  expect(paths).toEqual([{ codePath: plan.target }, { codePath: plan.target }]);
});

test('workflow code that reaches for Node is refused, and the module is named', async () => {
  const { dir, plan } = project();
  mkdirSync(join(dir, 'src'), { recursive: true });
  writeFileSync(
    join(dir, 'src', 'names.ts'),
    "import { hostname } from 'node:os';\nexport const GREETING = hostname();\nexport type Greeted = { readonly name: string };\n",
  );
  await expect(loadWorkflowBundle(plan)).rejects.toThrow(/cannot be bundled[\s\S]*os/);
});
