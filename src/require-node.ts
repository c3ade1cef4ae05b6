/**
 * Imported first by index.ts, before any package that would fail on an old Node with a trace that explains nothing.
 * `bin/rekindle.js` needs no such check: it starts the Node that this package depends on.
 */

/** The oldest Node that can load the library; bin/rekindle.js has the same number (a test compares them). */
export const OLDEST_NODE = 24;

/** Why the library cannot be loaded by this version of Node; undefined: it can. @param version as in `process.versions.node` */
export function problemWithNode(version: string): string | undefined {
  if (Number.parseInt(version, 10) >= OLDEST_NODE) return undefined;
  return (
    `rekindle needs Node ${OLDEST_NODE} or newer to be imported, and this is Node ${version}. ` +
    'Run the script with a newer one; in a checkout of rekindle, `npx node SCRIPT` is the one that it brings. ' +
    '`npx rekindle`, the command line, finds that by itself.'
  );
}

const problem = problemWithNode(process.versions.node);
if (problem) throw new Error(problem);
