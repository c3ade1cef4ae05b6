/** Composes what a command works with: engine, client, and, when it needs them, a worker and the mirror's owner. */
import { RekindleClient } from '../client/rekindle-client.ts';
import { RekindleError } from '../domain/error-codes.ts';
import { connect, type EngineConnection } from '../engine/connect.ts';
import { runningEngine } from '../engine/embedded.ts';
import type { Engine } from '../engine/engine.ts';
import { ensureEngine } from '../engine/ensure-engine.ts';
import { prepareNamespace } from '../engine/prepare-namespace.ts';
import { serviceRuns, type WorkerRole } from '../supervisor/in-flight-journal.ts';
import { journalDir } from '../supervisor/journal-dir.ts';
import type { RunningWorker } from '../worker.ts';
import type { CommandContext } from './context.ts';
import { startMirrorOwner } from './mirror-owner.ts';

/** What a command needs. */
export interface RuntimeNeeds {
  /** `running`: somebody else must have it running; `ensured`: it is started when nobody has. */
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
  readonly ownsMirror: boolean;
  /** Stops what this process started: worker, mirror, connection, and the engine when nobody else uses it. */
  close(): Promise<void>;
}

/**
 * Brings up what a command needs, and takes down again what it brought up when a part of it fails.
 * @throws {RekindleError} ENGINE_UNAVAILABLE and what the parts throw.
 */
export async function openRuntime(context: CommandContext, needs: RuntimeNeeds): Promise<Runtime> {
  const closers: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (let closer = closers.pop(); closer; closer = closers.pop()) await closer();
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
  closers: (() => Promise<unknown>)[],
): Promise<Omit<Runtime, 'close'>> {
  const { config, log } = context;
  const needsWorker =
    needs.worker !== undefined && !(needs.worker === 'if-none' && serviceRuns(journalDir(config)));
  const workerModule = needsWorker ? import('../worker.ts') : undefined;
  workerModule?.catch(() => undefined); // Awaited below; until then a failure must not count as unhandled.

  const engine = needs.engine === 'running' ? runningEngine(config) : await ensured(context, needs, closers);
  const connection = await connect(config, engine);
  closers.push(() => connection.close());
  if (needs.engine === 'ensured') await prepare(context, connection);

  const owner = needs.mirror ? startMirrorOwner(config, connection.client, needs.purpose, log) : undefined;
  if (owner) closers.push(() => owner.stop());
  const worker = await startedWorker(context, needs, connection, workerModule);
  if (worker) closers.push(() => worker.stop());
  return {
    engine,
    connection,
    client: new RekindleClient(connection.client, config),
    worker,
    ownsMirror: owner !== undefined,
  };
}

async function ensured(
  { config, output, signal }: CommandContext,
  needs: RuntimeNeeds,
  closers: (() => Promise<unknown>)[],
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

async function prepare({ config, log }: CommandContext, connection: EngineConnection): Promise<void> {
  const { warnings } = await prepareNamespace(connection.connection, {
    namespace: config.namespace,
    retentionMs: config.engine.retentionMs,
    create: config.temporal === null,
  });
  for (const warning of warnings) log.warn(warning);
}

async function startedWorker(
  { config, output, log }: CommandContext,
  needs: RuntimeNeeds,
  connection: EngineConnection,
  module: Promise<typeof import('../worker.ts')> | undefined,
): Promise<RunningWorker | undefined> {
  if (!module) return undefined;
  const { startWorker } = await module;
  const role = needs.worker === 'service' ? 'service' : 'command';
  const worker = await startWorker(config, connection, role, log);
  const { activities } = worker.takenOver;
  if (activities > 0) output.say(output.texts.takenOver(activities));
  return worker;
}

/** For commands whose task cannot move without a worker. @throws {RekindleError} ENGINE_UNAVAILABLE */
export function requireService({ config }: CommandContext): void {
  if (config.temporal || serviceRuns(journalDir(config))) return;
  throw new RekindleError('ENGINE_UNAVAILABLE', `no worker runs for the data directory ${config.dataDir}`, {
    hint: 'Start `rekindle up` (or `rekindle worker`) in another terminal.',
  });
}
