import { fileURLToPath } from 'node:url';
import { Child } from '../supervisor/child.ts';
import { CHILD_WORD } from '../supervisor/child-word.ts';
import type { ChildRole } from '../supervisor/messages.ts';
import type { GlobalOptions } from './context.ts';

const LAUNCHER = fileURLToPath(new URL('../../bin/rekindle.js', import.meta.url));
/** As the launcher sets it for what runs a worker. */
const LEAN = '--max-semi-space-size=2';

/** Starts a process of `up`, with the options that `up` itself was given. */
export function spawnChild(role: ChildRole, { dataDir, config, locale, logLevel }: GlobalOptions): Child {
  const options: GlobalOptions = {
    ...(dataDir === undefined ? {} : { dataDir }),
    ...(config === undefined ? {} : { config }),
    ...(locale === undefined ? {} : { locale }),
    ...(logLevel === undefined ? {} : { logLevel }),
  };
  return new Child(role, {
    script: LAUNCHER,
    args: [CHILD_WORD, role, JSON.stringify(options)],
    execArgv: [LEAN],
  });
}
