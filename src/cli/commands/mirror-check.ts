import type { JsonObject } from '../../domain/json.ts';
import { checkMirror, MirrorKeeper } from '../../mirror/index.ts';
import { UnreadableTasks } from '../../tasks/unreadable-tasks.ts';
import { VisibilitySource } from '../../tasks/visibility-source.ts';
import type { CommandAction } from '../command-spec.ts';
import { EXIT } from '../exit-codes.ts';
import { openRuntime } from '../runtime.ts';
import { warnUnreadable } from '../warn-unreadable.ts';

/** Compares the mirror with Temporal; exit code 1 when they differ. */
export const run: CommandAction = async (context) => {
  const { config, output, signal } = context;
  const runtime = await openRuntime(context, {
    engine: 'ensured',
    mirror: true,
    purpose: 'rekindle mirror check',
  });
  const mirror = new MirrorKeeper(config.database.path, { readonly: true });
  try {
    const unreadable = new UnreadableTasks();
    const source = new VisibilitySource(runtime.connection.client, unreadable.note);
    const check = await checkMirror(mirror.get(), source, { signal });
    warnUnreadable(context, unreadable);
    const faults = check.integrity.length + check.missing.length + check.stale.length;
    output.result(check as unknown as JsonObject, [
      check.ok ? output.texts.mirrorOk(check.compared) : output.texts.mirrorFaults(faults),
      ...check.integrity,
      ...check.missing.map((id) => `  - ${id}`),
      ...check.stale.map(
        ({ task_id, field, mirror, temporal }) => `  ${task_id} ${field}: ${mirror} ≠ ${temporal}`,
      ),
    ]);
    return check.ok ? EXIT.ok : EXIT.failed;
  } finally {
    mirror.close();
    await runtime.close();
  }
};
