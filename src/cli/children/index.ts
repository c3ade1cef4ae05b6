/** The processes that `rekindle up` starts (src/supervisor): each composes what its job needs. */
import { CHILD_ROLES, type ChildRole } from '../../supervisor/messages.ts';
import { Parent } from '../../supervisor/parent.ts';
import { type CommandContext, contextOf, type GlobalOptions } from '../context.ts';
import { sayDiagnosticsWhenAsked } from '../diagnostics.ts';
import { EXIT } from '../exit-codes.ts';

/** What a child does; resolves when it has ended. */
export type ChildJob = (context: CommandContext, parent: Parent) => Promise<void>;

const JOBS: Readonly<Record<ChildRole, () => Promise<{ readonly run: ChildJob }>>> = {
  worker: () => import('./worker.ts'),
  keeper: () => import('./keeper.ts'),
};

/** Beyond the time that steps get to save their state, a child that ends may take so long; then it is made to. */
const END_WITHIN_MS = 5000;

/** Runs a child to its end, and the process with it. @param args its role, and the command line's options as JSON. */
export async function main([role = '', options = '{}']: readonly string[]): Promise<never> {
  // A worker that has not run would keep the process up.
  process.exit(await runJob(role, options));
}

async function runJob(role: string, options: string): Promise<number> {
  const parent = new Parent();
  const context = contextOf(`up/${role}`, JSON.parse(options) as GlobalOptions, parent.signal);
  sayDiagnosticsWhenAsked(context.logger);
  parent.signal.addEventListener('abort', () => endInTime(context, parent.extraMs));
  try {
    const known = CHILD_ROLES.find((one) => one === role);
    if (!known) throw new Error(`there is no child ${role}`);
    const { run } = await JOBS[known]();
    await run(context, parent);
    return EXIT.ok;
  } catch (error) {
    // Told to end before it had begun.
    if (parent.signal.aborted) return EXIT.ok;
    (await context.logger()).error({ err: error }, `the ${role} process ends`);
    parent.failed(error);
    return EXIT.failed;
  } finally {
    if (process.connected) process.disconnect();
  }
}

/** When the engine is gone, what waits for it would wait for ever. */
function endInTime({ config }: CommandContext, extraMs: number): void {
  const graceMs = config.worker.shutdownGraceMs + END_WITHIN_MS + extraMs;
  setTimeout(() => process.exit(EXIT.failed), graceMs).unref();
}
