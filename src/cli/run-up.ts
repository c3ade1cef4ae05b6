import { connect } from '../engine/connect.ts';
import type { Engine } from '../engine/engine.ts';
import { ensureEngine } from '../engine/ensure-engine.ts';
import { prepareNamespace } from '../engine/prepare-namespace.ts';
import type { Child } from '../supervisor/child.ts';
import { type ChildRole, NOTHING_TAKEN_OVER } from '../supervisor/messages.ts';
import { RecoveryManager } from '../supervisor/recovery-manager.ts';
import { showSpare } from '../supervisor/spare-sign.ts';
import { Supervisor } from '../supervisor/supervisor.ts';
import type { CommandContext } from './context.ts';
import { sayDiagnosticsWhenAsked } from './diagnostics.ts';
import { EXIT } from './exit-codes.ts';
import { type KeptEngine, keepEngine } from './keep-engine.ts';
import { Recoveries } from './recoveries.ts';
import { rejectWhenAborted, untilAborted } from './until-aborted.ts';

const PURPOSE = 'rekindle up';
/** Beyond the time that steps get to save their state. */
const STOP_MARGIN_MS = 3000;

/** Processes of `up`. */
export interface UpProcesses {
  readonly spawn: (role: ChildRole) => Child;
  /** The first worker, started already. */
  readonly worker: Child;
}

/**
 * Runs everything in the foreground until it is told to stop: this process watches, its children work.
 * @returns the exit code.
 */
export async function runUp(context: CommandContext, { spawn, worker }: UpProcesses): Promise<number> {
  const { config, output, signal } = context;
  const log = await context.logger();
  sayDiagnosticsWhenAsked(context.logger);
  let kept: KeptEngine | undefined;
  const recovery = new RecoveryManager({
    dataDir: config.dataDir,
    databasePath: config.database.path,
    name: 'up',
    purpose: PURPOSE,
    client: async () => {
      if (!kept) throw new Error('there is no engine yet');
      return await connect(config, kept.current);
    },
    log,
  });
  const crash = recovery.detectCrash();
  // Two of them would do everything twice.
  recovery.start();
  const recoveries = new Recoveries(recovery, output);
  // Whoever ran here before was killed in the middle of its work: that goes on before anything else is done.
  const recovering = crash.inFlight.length > 0;
  const supervisor = new Supervisor({
    spawn,
    firstWorker: worker,
    hotSpare: config.worker.hotSpare,
    graceMs: config.worker.shutdownGraceMs + STOP_MARGIN_MS,
    log,
    onRecovered: (seen) => recoveries.begin(seen),
    workerFirst: recovering,
    onSpare: (pid) => showSpare(config, pid),
  });
  // Whatever ends this process, a second Ctrl-C too, no child goes on by itself.
  const killAll = (): void => supervisor.kill();
  process.once('exit', killAll);
  const engineOptions = { say: (line: string) => output.say(line), purpose: PURPOSE, signal };
  try {
    // The children load their modules while the engine starts.
    supervisor.spawn();
    const engine = await ensureEngine(config, engineOptions);
    kept = keepEngine(config, engine, engineOptions, log, (again, sinceMs) => {
      supervisor.moveTo(again);
      recoveries.begin({ cause: 'engine', sinceMs, takenOver: NOTHING_TAKEN_OVER });
    });
    supervisor.introduce(engine);
    // An engine that had work has been prepared before.
    if (!recovering) await prepare(context, engine);
    const aborted = rejectWhenAborted(signal);
    const takenOver = await Promise.race([supervisor.runWorker(), aborted]);
    const takenOverAtMs = Date.now();
    if (recovering) await prepare(context, engine);
    await Promise.race([supervisor.runKeeper(), aborted]);
    if (takenOver.activities > 0) output.say(output.texts.takenOver(takenOver.activities));
    // Everything goes on; the rest is looked after beside it.
    if (crash.crashed) recoveries.begin({ takenOver, takenOverAtMs });
    const { address, uiAddress } = engine;
    output.result({ status: 'up', address, ui_address: uiAddress, data_dir: config.dataDir }, [
      ...(uiAddress ? [output.texts.webUi(uiAddress)] : []),
      output.texts.upReady(config.dataDir),
    ]);
    await untilAborted(signal);
    output.say(output.texts.stopping);
    return EXIT.ok;
  } finally {
    await recoveries.end();
    await supervisor.stop();
    process.off('exit', killAll);
    await kept?.release();
    recovery.end();
    output.say(output.texts.stopped);
  }
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
