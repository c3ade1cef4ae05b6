/** Composes what a command works with: engine, client, and, when it needs them, a worker and the mirror's owner. */
import { RekindleClient } from '../client/rekindle-client.ts';
import { RekindleError } from '../domain/error-codes.ts';
import type { TaskView } from '../domain/task-record.ts';
import { connect, type EngineConnection } from '../engine/connect.ts';
import { runningEngine } from '../engine/embedded.ts';
import type { Engine } from '../engine/engine.ts';
import { ensureEngine } from '../engine/ensure-engine.ts';
import { prepareNamespace } from '../engine/prepare-namespace.ts';
import type { WorkerRole } from '../supervisor/in-flight-journal.ts';
import { journalDir } from '../supervisor/journal-dir.ts';
import { serviceRuns } from '../supervisor/read-journals.ts';
import type { TakeOver } from '../supervisor/take-over.ts';
import type { RunningWorker } from '../worker.ts';
import type { CommandContext } from './context.ts';
import { type NotOwner, tryOwnMirror } from './mirror-lock.ts';
import type { MirrorOwner } from './mirror-owner.ts';
import type { Recoveries } from './recoveries.ts';

/** What a command needs. */
export interface RuntimeNeeds {
  /** `running`: somebody else must have it running; `ensured`: it is started when nobody has, and kept up by a lease. */
  readonly engine: 'running' | 'ensured';
  /** A worker of this process's own; `if-none`: only when no service worker of the data directory runs. @default none */
  readonly worker?: WorkerRole | 'if-none';
  /** Keep the mirror up to date, unless another process does. @default false */
  readonly mirror?: boolean;
  /** The command, for those who share the data directory. */
  readonly purpose: string;
}

/** What a command works with. Close it at the end. */
export interface Runtime {
  readonly engine: Pick<Engine, 'address' | 'uiAddress' | 'namespace'>;
  readonly connection: EngineConnection;
  readonly client: RekindleClient;
  readonly worker: RunningWorker | undefined;
  /** `owner`: this process keeps the mirror up to date; else why it does not; undefined: it was not asked to. */
  readonly mirror: 'owner' | NotOwner | undefined;
  /**
   * Stops what this process started: worker, mirror, connection, and the engine when nobody else uses it.
   * @param followed tasks that have ended, which the mirror shall show.
   */
  close(followed?: readonly TaskView[]): Promise<void>;
}

type Closer = (followed: readonly TaskView[]) => Promise<unknown>;

/**
 * Brings up what a command needs, and takes down again what it brought up when a part of it fails.
 * @throws {RekindleError} ENGINE_UNAVAILABLE and what the parts throw.
 */
export async function openRuntime(context: CommandContext, needs: RuntimeNeeds): Promise<Runtime> {
  const closers: Closer[] = [];
  const close = async (followed: readonly TaskView[] = []): Promise<void> => {
    const problems: unknown[] = [];
    for (let closer = closers.pop(); closer; closer = closers.pop())
      await closer(followed).catch((error: unknown) => problems.push(error));
    if (problems.length > 0) throw problems[0];
  };
  try {
    const parts = await openParts(context, needs, closers);
    return { ...parts, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openParts(
  context: CommandContext,
  needs: RuntimeNeeds,
  closers: Closer[],
): Promise<Omit<Runtime, 'close'>> {
  const { config } = context;
  const service = serviceRuns(journalDir(config));
  const needsWorker = needs.worker !== undefined && !(needs.worker === 'if-none' && service);
  const workerModule = needsWorker ? import('../worker.ts') : undefined;
  workerModule?.catch(() => undefined); // Awaited below; until then a failure must not count as unhandled.

  const engine = needs.engine === 'running' ? runningEngine(config) : await ensured(context, needs, closers);
  const connection = await connect(config, engine);
  closers.push(() => connection.close());
  // Who serves the data directory has prepared the namespace.
  if (needs.engine === 'ensured' && !(service && !needsWorker)) await prepare(context, connection);

  const mirror = needs.mirror ? await ownMirror(context, needs, connection, closers) : undefined;
  const worker = await startedWorker(context, needs, connection, workerModule);
  if (worker) closers.push(() => worker.stop());
  if (worker && worker.takenOver.deadWorkers > 0) {
    const recoveries = await recover(context, needs, connection, worker.takenOver);
    closers.push(() => recoveries.end());
  }
  return { engine, connection, client: new RekindleClient(connection.client, config), worker, mirror };
}

async function ensured(
  { config, output, signal }: CommandContext,
  needs: RuntimeNeeds,
  closers: Closer[],
): Promise<Engine> {
  const engine = await ensureEngine(config, {
    say: (line) => output.say(line),
    purpose: needs.purpose,
    signal,
    whileStarting: () => import('@temporalio/client'),
  });
  closers.push(() => engine.release());
  return engine;
}

async function prepare({ config, output }: CommandContext, connection: EngineConnection): Promise<void> {
  const { warnings } = await prepareNamespace(connection.connection, {
    namespace: config.namespace,
    retentionMs: config.engine.retentionMs,
    create: config.temporal === null,
  });
  for (const warning of warnings) output.say(output.texts.warning(warning));
}

async function ownMirror(
  context: CommandContext,
  { purpose }: RuntimeNeeds,
  { client }: EngineConnection,
  closers: Closer[],
): Promise<'owner' | NotOwner> {
  const { config } = context;
  const lock = tryOwnMirror(config.database.path, purpose);
  if (lock === 'busy') return lock;
  const log = await context.logger();
  if (lock === 'read-only') {
    log.debug({ path: config.database.path }, 'the mirror is read-only for this process');
    return lock;
  }
  let owner: MirrorOwner;
  try {
    const { startMirrorOwner } = await import('./mirror-owner.ts');
    owner = startMirrorOwner(config, client, lock, log);
  } catch (error) {
    lock.release();
    throw error;
  }
  closers.push((followed) => owner.stop(followed));
  return 'owner';
}

async function startedWorker(
  { config, output, logger }: CommandContext,
  needs: RuntimeNeeds,
  connection: EngineConnection,
  module: Promise<typeof import('../worker.ts')> | undefined,
): Promise<RunningWorker | undefined> {
  if (!module) return undefined;
  const { startWorker } = await module;
  const role = needs.worker === 'service' ? 'service' : 'command';
  const worker = await startWorker(config, connection, role, await logger());
  const { activities } = worker.takenOver;
  if (activities > 0) output.say(output.texts.takenOver(activities));
  return worker;
}

/** Looks beside the work whether what a dead worker was doing goes on, and cleans up after it. */
async function recover(
  { config, output, logger }: CommandContext,
  { worker, purpose }: RuntimeNeeds,
  { client }: EngineConnection,
  takenOver: TakeOver,
): Promise<Recoveries> {
  const [{ RecoveryManager }, { Recoveries }, log] = await Promise.all([
    import('../supervisor/recovery-manager.ts'),
    import('./recoveries.ts'),
    logger(),
  ]);
  const { dataDir, database } = config;
  const manager = new RecoveryManager({ dataDir, databasePath: database.path, purpose, client, log });
  const recoveries = new Recoveries(manager, worker === 'service' ? output : undefined);
  recoveries.begin({ cause: 'worker', takenOver, takenOverAtMs: Date.now() });
  return recoveries;
}

/** For commands whose task cannot move without a worker. @throws {RekindleError} ENGINE_UNAVAILABLE */
export function requireService({ config }: CommandContext): void {
  if (config.temporal || serviceRuns(journalDir(config))) return;
  throw new RekindleError('ENGINE_UNAVAILABLE', `no worker runs for the data directory ${config.dataDir}`, {
    hint: 'Start `rekindle up` (or `rekindle worker`) in another terminal.',
  });
}
