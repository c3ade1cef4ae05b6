import { inspectFile, rebuildMirror } from '../../mirror/index.ts';
import { fingerprintOf } from '../../report/index.ts';
import { UnreadableTasks } from '../../tasks/unreadable-tasks.ts';
import { VisibilitySource } from '../../tasks/visibility-source.ts';
import type { CommandAction } from '../command-spec.ts';
import type { CommandContext } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { maintenanceTexts } from '../maintenance-texts.ts';
import { notOwner, tryOwnMirror } from '../mirror-lock.ts';
import { openRuntime } from '../runtime.ts';
import { warnUnreadable } from '../warn-unreadable.ts';

const PURPOSE = 'rekindle mirror repair';

/** Looks for damage; a damaged mirror is set aside and made anew, a sound one is left alone. */
export const run: CommandAction = async (context) => {
  const { config, output } = context;
  const { path } = config.database;
  const owned = tryOwnMirror(path, PURPOSE);
  if (typeof owned === 'string') throw notOwner(path, owned);
  try {
    const { state, problems } = inspectFile(path);
    const texts = maintenanceTexts(config.locale);
    if (state === 'sound') {
      output.result({ path, found: state, problems: [], repaired: false }, [texts.sound(path)]);
      return EXIT.ok;
    }
    const { records, kept, setAside, problems: lost } = await rebuild(context, state === 'damaged');
    const rows = Object.entries(kept).filter(([, count]) => count > 0);
    output.result(
      {
        path,
        found: state,
        problems: [...problems],
        repaired: true,
        records,
        kept,
        set_aside: setAside,
        lost,
      },
      [
        state === 'damaged' ? texts.damaged(path, problems[0] ?? '') : texts.missing(path),
        texts.repaired(records),
        ...(rows.length > 0 ? [texts.kept(rows.map(([name, count]) => `${name} ${count}`).join(', '))] : []),
        ...(setAside ? [texts.setAside(setAside)] : []),
        ...lost.map((problem) => `  - ${problem}`),
      ],
    );
    return EXIT.ok;
  } finally {
    owned.release();
  }
};

async function rebuild(context: CommandContext, damaged: boolean) {
  const { config, output, signal } = context;
  const runtime = await openRuntime(context, { engine: 'ensured', purpose: PURPOSE });
  try {
    const unreadable = new UnreadableTasks();
    const source = new VisibilitySource(runtime.connection.client, unreadable.note);
    const onProgress = (records: number): void => output.status(output.texts.mirrorRebuilding(records));
    const options = { signal, onProgress, fingerprintOf, damaged };
    const result = await rebuildMirror(config.database.path, source, options);
    warnUnreadable(context, unreadable);
    return result;
  } finally {
    output.status(undefined);
    await runtime.close();
  }
}
