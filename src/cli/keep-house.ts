import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from '../config.ts';
import type { TaskView } from '../domain/task-record.ts';
import type { EngineConnection } from '../engine/connect.ts';
import type { ProcessLock } from '../locks/process-lock.ts';
import type { Logger } from '../logger.ts';
import { type NotOwner, tryOwnMirror } from './mirror-lock.ts';
import type { MirrorOwner } from './mirror-owner.ts';

/** The process that keeps the mirror, and looks after failed tasks, as long as no other one does. */
export interface House {
  /** How it stands: whether this process is the one, and if not, why. */
  readonly state: 'owner' | NotOwner;
  /** The mirror's owner, when this process is it. */
  readonly owner: MirrorOwner | undefined;
  /** Ends what was begun; the mirror shows these ended tasks. */
  stop(followed?: readonly TaskView[]): Promise<void>;
}

/** Pause between two looks whether the other process has ended, in ms. */
const LOOK_AGAIN_MS = 500;

/**
 * Takes the mirror and the care of failed tasks, at once, or as soon as the process that has them ends.
 * @param purpose shown to those who want the mirror too.
 */
export async function keepHouse(
  config: Config,
  engine: EngineConnection,
  purpose: string,
  log: Logger,
): Promise<House> {
  const ending = new AbortController();
  let owner: MirrorOwner | undefined;
  let caretaker: { stop(): Promise<void> } | undefined;
  const begin = async (lock: ProcessLock): Promise<void> => {
    const [{ startMirrorOwner }, { startCaretaker }] = await Promise.all([
      import('./mirror-owner.ts'),
      import('../caretaker.ts'),
    ]);
    owner = startMirrorOwner(config, engine.client, lock, log);
    caretaker = await startCaretaker(config, engine, owner.mirror, log);
  };
  const first = tryOwnMirror(config.database.path, purpose);
  let state: House['state'] = typeof first === 'string' ? first : 'owner';
  if (typeof first !== 'string') await begin(first);
  const waiting = first === 'busy' ? untilFree(config, purpose, ending.signal) : undefined;
  const begun = waiting?.then(async (lock) => {
    if (!lock) return;
    state = 'owner';
    await begin(lock);
  });
  begun?.catch((error: unknown) => log.error({ err: error }, 'the care of failed tasks could not begin'));
  return {
    get state() {
      return state;
    },
    get owner() {
      return owner;
    },
    async stop(followed = []) {
      ending.abort();
      await begun?.catch(() => undefined);
      await caretaker?.stop();
      await owner?.stop(followed);
    },
  };
}

async function untilFree(
  config: Config,
  purpose: string,
  signal: AbortSignal,
): Promise<ProcessLock | undefined> {
  while (!signal.aborted) {
    await delay(LOOK_AGAIN_MS, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return undefined;
    const lock = tryOwnMirror(config.database.path, purpose);
    if (lock === 'read-only') return undefined;
    if (lock !== 'busy') return lock;
  }
  return undefined;
}
