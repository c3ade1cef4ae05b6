/** `npm run bundle`: builds the workflow bundles, and puts them into dist/ for publishing. */
import { copyFileSync, existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { BUNDLES, loadWorkflowBundle, publishedPath } from '../src/engine/workflow-bundle.ts';

for (const name of BUNDLES) {
  const { codePath } = await loadWorkflowBundle(name);
  if (existsSync(dirname(publishedPath(name)))) copyFileSync(codePath, publishedPath(name));
  console.log(`workflow bundle: ${codePath}`);
}
