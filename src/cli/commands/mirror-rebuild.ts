import type { JsonObject } from '../../domain/json.ts';
import { type RebuildResult, rebuildMirror } from '../../mirror/index.ts';
import { fingerprintOf } from '../../report/index.ts';
import { UnreadableTasks } from '../../tasks/unreadable-tasks.ts';
import { VisibilitySource } from '../../tasks/visibility-source.ts';
import type { CommandAction } from '../command-spec.ts';
import { EXIT } from '../exit-codes.ts';
import { notOwner, tryOwnMirror } from '../mirror-lock.ts';
import { openRuntime } from '../runtime.ts';
import type { Texts } from '../texts.ts';
import { warnUnreadable } from '../warn-unreadable.ts';

/** Makes the mirror anew from Temporal. */
export const run: CommandAction = async (context) => {
  const { config, output, signal } = context;
  const { path } = config.database;
  const owned = tryOwnMirror(path, 'rekindle mirror rebuild');
  if (typeof owned === 'string') throw notOwner(path, owned);
  try {
    const runtime = await openRuntime(context, { engine: 'ensured', purpose: 'rekindle mirror rebuild' });
    const unreadable = new UnreadableTasks();
    const source = new VisibilitySource(runtime.connection.client, unreadable.note);
    const onProgress = (records: number): void => output.status(output.texts.mirrorRebuilding(records));
    const result = await rebuildMirror(path, source, { signal, onProgress, fingerprintOf }).finally(() =>
      runtime.close(),
    );
    output.status(undefined);
    warnUnreadable(context, unreadable);
    output.result(result as unknown as JsonObject, linesOf(result, output.texts));
    return EXIT.ok;
  } finally {
    owned.release();
  }
};

function linesOf({ records, kept, setAside, problems }: RebuildResult, texts: Texts): string[] {
  const rows = Object.entries(kept).filter(([, count]) => count > 0);
  return [
    texts.mirrorRebuilt(records),
    ...(rows.length > 0
      ? [texts.mirrorKept(rows.map(([table, count]) => `${table} ${count}`).join(', '))]
      : []),
    ...(setAside ? [texts.mirrorSetAside(setAside)] : []),
    ...problems.map((problem) => `  - ${problem}`),
  ];
}
