import { fileURLToPath } from 'node:url';
import type { Config } from '../../config.ts';
import { RekindleError } from '../../domain/error-codes.ts';
import { connect } from '../../engine/connect.ts';
import type { Engine } from '../../engine/engine.ts';
import { ensureEngine } from '../../engine/ensure-engine.ts';
import { prepareNamespace } from '../../engine/prepare-namespace.ts';
import { type ProcessLock, tryLock } from '../../locks/process-lock.ts';
import { Child } from '../../supervisor/child.ts';
import { CHILD_WORD } from '../../supervisor/child-word.ts';
import { abandonedJournals } from '../../supervisor/in-flight-journal.ts';
import { journalDir } from '../../supervisor/journal-dir.ts';
import type { ChildRole } from '../../supervisor/messages.ts';
import { Supervisor } from '../../supervisor/supervisor.ts';
import { upLock } from '../../supervisor/up-lock.ts';
import type { CommandContext, GlobalOptions } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { type KeptEngine, keepEngine } from '../keep-engine.ts';
import type { CommandAction } from '../program.ts';
import { untilAborted } from '../until-aborted.ts';

const PURPOSE = 'rekindle up';
const LAUNCHER = fileURLToPath(new URL('../../../bin/rekindle.js', import.meta.url));
/** As the launcher sets it for what runs a worker. */
const LEAN = '--max-semi-space-size=2';
/** Beyond the time that steps get to save their state. */
const STOP_MARGIN_MS = 3000;

/** Runs everything in the foreground until it is told to stop: this process watches, its children work. */
export const run: CommandAction = async (context, _args, options) => {
  const { config, output, signal } = context;
  using _lock = onlyOne(config);
  const log = await context.logger();
  // Whoever ran here before was killed in the middle of its work: that goes on before anything else is done.
  const recovering = abandonedJournals(journalDir(config)).some(({ inFlight }) => inFlight.length > 0);
  const supervisor = new Supervisor({
    spawn: (role) => spawnChild(role, options),
    hotSpare: config.worker.hotSpare,
    graceMs: config.worker.shutdownGraceMs + STOP_MARGIN_MS,
    log,
    startedMs: performance.timeOrigin,
    workerFirst: recovering,
  });
  // Whatever ends this process, a second Ctrl-C too, no child goes on by itself.
  const killAll = (): void => supervisor.kill();
  process.once('exit', killAll);
  const engineOptions = { say: (line: string) => output.say(line), purpose: PURPOSE, signal };
  let kept: KeptEngine | undefined;
  try {
    // The children load their modules while the engine starts.
    supervisor.spawn();
    const engine = await ensureEngine(config, engineOptions);
    kept = keepEngine(config, engine, engineOptions, log, (again) => supervisor.moveTo(again));
    supervisor.introduce(engine);
    // An engine that had work has been prepared before.
    if (!recovering) await prepare(context, engine);
    const { activities } = await supervisor.runWorker();
    if (recovering) await prepare(context, engine);
    await supervisor.runKeeper();
    if (activities > 0) output.say(output.texts.takenOver(activities));
    const { address, uiAddress } = engine;
    output.result({ status: 'up', address, ui_address: uiAddress, data_dir: config.dataDir }, [
      ...(uiAddress ? [output.texts.webUi(uiAddress)] : []),
      output.texts.upReady(config.dataDir),
    ]);
    await untilAborted(signal);
    output.say(output.texts.stopping);
    return EXIT.ok;
  } finally {
    await supervisor.stop();
    process.off('exit', killAll);
    await kept?.release();
    output.say(output.texts.stopped);
  }
};

/** Two of them would do everything twice. @throws {RekindleError} TASK_STATE */
function onlyOne(config: Config): ProcessLock {
  const lock = tryLock(upLock(config), PURPOSE);
  if (lock) return lock;
  throw new RekindleError('TASK_STATE', `a rekindle up runs for ${config.dataDir} already`, {
    hint: 'One is enough; `rekindle worker` runs a further worker beside it.',
  });
}

function spawnChild(role: ChildRole, { dataDir, config, locale, logLevel }: GlobalOptions): Child {
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

async function prepare({ config, output }: CommandContext, engine: Engine): Promise<void> {
  const { connection, close } = await connect(config, engine);
  try {
    const { warnings } = await prepareNamespace(connection, {
      namespace: config.namespace,
      retentionMs: config.engine.retentionMs,
      create: config.temporal === null,
    });
    for (const warning of warnings) output.say(output.texts.warning(warning));
  } finally {
    await close();
  }
}
