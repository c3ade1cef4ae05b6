import type { TestProject } from 'vitest/node';
import { loadConfig } from '../../src/config.ts';
import { findExecutable } from '../../src/engine/executable.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The `temporal` executable of all tests. */
    temporalExecutable: string;
    /** Where downloads and builds are kept between runs. */
    cacheDir: string;
  }
}

/** Finds or builds the engine's executable once, before any test runs, so that no test pays for it. */
export default async function setup(project: TestProject): Promise<void> {
  const { engine } = loadConfig();
  const executable = await findExecutable(engine, { say: (line) => console.error(`[engine] ${line}`) });
  project.provide('temporalExecutable', executable.path);
  project.provide('cacheDir', engine.cacheDir);
}
