import type { Client } from '@temporalio/client';
import { type Config, loadConfig } from '../config.ts';
import { RekindleError } from '../domain/error-codes.ts';
import type { LockScope, ResourceLockView } from '../domain/resource-lock.ts';
import { connect, type EngineConnection } from '../engine/connect.ts';
import { engineStatus, runningEngine } from '../engine/embedded.ts';
import { acquireClusterLock, listClusterLocks } from '../locks/cluster-lock.ts';
import type { ResourceWait } from '../locks/held-resource.ts';
import { hold } from '../locks/hold.ts';
import { acquireMachineLock, listMachineLocks, locksDir } from '../locks/machine-lock.ts';
import { checkName } from '../locks/resource-name.ts';

/** How a resource lock is taken. */
export interface ResourceLockOptions extends ResourceWait {
  /**
   * `machine`: among the processes of this data directory. `cluster`: among all that use the Temporal namespace, which
   * needs a running `rekindle up` (or `mirror run`).
   * @default `machine` with the embedded engine, `cluster` when TEMPORAL_ADDRESS (or a profile) is set
   */
  readonly scope?: LockScope | undefined;
  /** How long a cluster-wide lock outlives a holder that died, in ms. @default 15 s */
  readonly leaseMs?: number | undefined;
}

/** Where locks are, and how to get there. */
export interface LockPlace {
  /** @default as `loadConfig()` finds it */
  readonly config?: Config | undefined;
  /** A connection that is there already, for cluster-wide locks. @default one is made when it is needed */
  readonly client?: Client | undefined;
}

/** What is done while a lock is held. @param signal aborted when the lock is lost, or the caller's own signal is. */
export type LockedWork<T> = (signal: AbortSignal) => Promise<T> | T;

/**
 * Does something that nobody else may do at the same time:
 *
 * ```ts
 * await withResourceLock('database_connection', async (signal) => migrate({ signal }));
 * ```
 *
 * The lock is released when `fn` is done, and when this process dies. Those who wait get it in the order in which they came.
 * @param name any text that is not empty.
 * @throws {RekindleError} `RESOURCE_BUSY` (with the holder) when it is not free in time; `RESOURCE_LOST` when it was lost
 * meanwhile; `RESOURCE_REENTERED` inside a call that holds it; `INVALID_INPUT`, `NOT_WRITABLE`, `ENGINE_UNAVAILABLE`.
 * @throws the reason of `options.signal` when that is aborted while it waits, and whatever `fn` throws.
 */
export async function withResourceLock<T>(
  name: string,
  fn: LockedWork<T>,
  options: ResourceLockOptions & LockPlace = {},
): Promise<T> {
  checkName(name);
  checkTimes(options);
  const config = options.config ?? loadConfig();
  if ((options.scope ?? defaultScope(config)) === 'machine') {
    const directory = locksDir(config.dataDir);
    const acquire = () => acquireMachineLock(directory, name, options);
    return hold(`machine ${directory} ${name}`, name, acquire, fn, options.signal);
  }
  return withClient(config, options.client, (client) => {
    const acquire = () => acquireClusterLock(client, name, options);
    return hold(`cluster ${serverOf(config)} ${name}`, name, acquire, fn, options.signal);
  });
}

/** Resource locks that somebody has or wants: those of the data directory, and those of the namespace where a server runs. */
export async function listResourceLocks(place: LockPlace = {}): Promise<ResourceLockView[]> {
  const config = place.config ?? loadConfig();
  const machine = listMachineLocks(locksDir(config.dataDir));
  if (!place.client && !config.temporal && !engineStatus(config.dataDir)) return machine;
  return [...machine, ...(await withClient(config, place.client, (client) => listClusterLocks(client)))];
}

/** `active_resources` of statistics: how many resource locks are held. */
export async function countActiveResources(place: LockPlace = {}): Promise<number> {
  return (await listResourceLocks(place)).filter(({ holder }) => holder !== null).length;
}

/** An embedded engine serves one machine; a server of its own is there for many. */
function defaultScope(config: Config): LockScope {
  return config.temporal ? 'cluster' : 'machine';
}

function checkTimes({ timeoutMs = 0, leaseMs = MIN_LEASE_MS, scope = 'machine' }: ResourceLockOptions): void {
  const problem = !(timeoutMs >= 0)
    ? `timeoutMs is ${timeoutMs}; it must be 0 or more`
    : !(leaseMs >= MIN_LEASE_MS && leaseMs <= MAX_LEASE_MS)
      ? `leaseMs is ${leaseMs}; it must be 1000 to 3600000`
      : scope !== 'machine' && scope !== 'cluster'
        ? `scope is "${scope}"; it must be "machine" or "cluster"`
        : null;
  if (problem) throw new RekindleError('INVALID_INPUT', `a resource lock's ${problem}`);
}

const MIN_LEASE_MS = 1000;
const MAX_LEASE_MS = 3_600_000;

/** Connections of this process for locks, by the server; each is closed by the last one who uses it. */
const shared = new Map<string, { readonly connected: Promise<EngineConnection>; users: number }>();

async function withClient<T>(
  config: Config,
  given: Client | undefined,
  use: (client: Client) => Promise<T>,
): Promise<T> {
  if (given) return use(given);
  const key = serverOf(config);
  const entry = shared.get(key) ?? { connected: connect(config, runningEngine(config)), users: 0 };
  shared.set(key, entry);
  entry.users += 1;
  try {
    return await use((await entry.connected).client);
  } finally {
    entry.users -= 1;
    if (entry.users === 0) {
      shared.delete(key);
      await entry.connected.then(({ close }) => close()).catch(() => undefined);
    }
  }
}

function serverOf({ temporal, dataDir, namespace }: Config): string {
  return `${temporal?.address ?? dataDir} ${namespace}`;
}
