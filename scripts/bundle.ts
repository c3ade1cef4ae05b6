/** `npm run bundle`: builds the workflow bundle, and puts it into dist/ for publishing. */
import { copyFileSync, existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { loadWorkflowBundle, PUBLISHED_BUNDLE } from '../src/engine/workflow-bundle.ts';

const { codePath } = await loadWorkflowBundle();
if (existsSync(dirname(PUBLISHED_BUNDLE))) copyFileSync(codePath, PUBLISHED_BUNDLE);
console.log(`workflow bundle: ${codePath}`);
