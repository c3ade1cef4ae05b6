/** Does a fault to a running rekindle, and sees how long it takes until what it hit goes on. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isServing } from '../../engine/health.ts';
import type { SeenFault } from './account.ts';
import type { Family, Members } from './family.ts';
import type { DrillServer } from './file-server.ts';
import type { CuttableLine } from './network-cut.ts';
import type { PlannedFault } from './plan.ts';
import { kill } from './processes.ts';
import type { SmallDisk } from './small-disk.ts';

/** What a fault is done to. */
export interface Target {
  readonly family: Family;
  readonly server: DrillServer;
  /** Where the files go. */
  readonly directory: string;
  readonly line: CuttableLine | undefined;
  readonly disk: SmallDisk | undefined;
  readonly engineAddress: () => string;
  readonly signal: AbortSignal;
}

/** When all that lives on is dead, the next start comes after so long: as the peers were measured. */
const RESTART_AFTER_MS = 500;
/** What has not gone on by then counts as never. */
const GIVE_UP_MS = 60_000;
const POLL_MS = 5;

/** @returns what came of it, when everything that it hit goes on, or the time is over. */
export async function strike({ kind, lastsMs }: PlannedFault, target: Target): Promise<SeenFault> {
  const { family, server } = target;
  switch (kind) {
    case 'worker': {
      const pid = await present(target, 'worker');
      const downloads = new Downloads(target);
      const atMs = Date.now();
      kill(pid);
      return { kind, atMs, ...(await downloads.goneOn()) };
    }
    case 'supervisor':
    case 'everything': {
      const pid = await present(target, 'supervisor');
      const downloads = new Downloads(target);
      const atMs = Date.now();
      if (kind === 'everything') family.killAll();
      else kill(pid);
      await delay(RESTART_AFTER_MS);
      const started = family.start();
      const [goneOn] = await Promise.all([downloads.goneOn(), started]);
      return { kind, atMs, ...goneOn };
    }
    case 'spare': {
      const pid = await present(target, 'spare');
      const inFlight = server.underWay().length;
      const atMs = Date.now();
      kill(pid);
      const back = await timeUntil(target, () => {
        const { spare } = family.members();
        return spare !== undefined && spare !== pid && family.isPrepared(spare);
      });
      return { kind, atMs, inFlight, goingOnMs: [back] };
    }
    case 'keeper': {
      const pid = await present(target, 'keeper');
      const inFlight = server.underWay().length;
      const atMs = Date.now();
      kill(pid);
      const back = await timeUntil(target, () => {
        return family.members().keeper !== pid && family.mirrorIsKept();
      });
      return { kind, atMs, inFlight, goingOnMs: [back] };
    }
    case 'engine': {
      const pid = await present(target, 'engine');
      const inFlight = server.underWay().length;
      const atMs = Date.now();
      kill(pid);
      const back = await timeUntil(target, async () => {
        const { engine } = family.members();
        return engine !== undefined && engine !== pid && (await isServing(target.engineAddress()));
      });
      return { kind, atMs, inFlight, goingOnMs: [back] };
    }
    case 'network': {
      const { line } = target;
      if (!line) throw new Error('there is no line to cut');
      const inFlight = server.underWay().length;
      const atMs = Date.now();
      line.cut();
      await delay(lastsMs, undefined, { signal: target.signal });
      const mendedAt = performance.now();
      const mended = await within(line.mend(), GIVE_UP_MS);
      return { kind, atMs, inFlight, goingOnMs: [mended ? performance.now() - mendedAt : null] };
    }
    case 'disk-full': {
      const { disk } = target;
      if (!disk) throw new Error('there is no disk to fill');
      const atMs = Date.now();
      disk.fill();
      await delay(lastsMs, undefined, { signal: target.signal });
      // What was on its way to a full disk goes on when bytes come again.
      const downloads = new Downloads(target);
      disk.free();
      return { kind, atMs, ...(await downloads.goneOn({ bytesAreEnough: true })) };
    }
  }
}

/** The PID of a member, waited for when it is just being made. */
async function present(target: Target, member: keyof Members): Promise<number> {
  let pid: number | undefined;
  await timeUntil(target, () => {
    pid = target.family.members()[member];
    return pid !== undefined;
  });
  if (pid === undefined) throw new Error(`there is no ${member} to be killed`);
  return pid;
}

/** @returns ms until the condition holds; null: it did not within the time. */
async function timeUntil(
  { signal }: Target,
  condition: () => boolean | Promise<boolean>,
): Promise<number | null> {
  const start = performance.now();
  while (!(await condition())) {
    if (performance.now() - start > GIVE_UP_MS) return null;
    await delay(POLL_MS, undefined, { signal });
  }
  return performance.now() - start;
}

/** The downloads that are under way when a fault strikes. */
class Downloads {
  readonly #target: Target;
  readonly #since = performance.now();
  readonly #waiting = new Map<string, number>();
  readonly #goneOn: number[] = [];
  readonly #stopListening: () => void;

  constructor(target: Target) {
    const { server } = target;
    this.#target = target;
    for (const name of server.underWay()) this.#waiting.set(name, server.bytesSent(name));
    this.#stopListening = server.onRequest((name) => this.#note(name));
  }

  /** Waits until each of them has asked for more, or is complete. */
  async goneOn({ bytesAreEnough = false } = {}): Promise<Pick<SeenFault, 'inFlight' | 'goingOnMs'>> {
    const { server, directory } = this.#target;
    await timeUntil(this.#target, () => {
      for (const [name, before] of this.#waiting) {
        const moved = bytesAreEnough && server.bytesSent(name) > before;
        if (moved || existsSync(join(directory, name))) this.#note(name);
      }
      return this.#waiting.size === 0;
    });
    this.#stopListening();
    const inFlight = this.#goneOn.length + this.#waiting.size;
    return { inFlight, goingOnMs: [...this.#goneOn, ...[...this.#waiting].map(() => null)] };
  }

  #note(name: string): void {
    if (this.#waiting.delete(name)) this.#goneOn.push(performance.now() - this.#since);
  }
}

async function within(promise: Promise<unknown>, ms: number): Promise<boolean> {
  const late = new AbortController();
  const timeout = delay(ms, false, { signal: late.signal }).catch(() => false);
  const inTime = await Promise.race([promise.then(() => true), timeout]);
  late.abort();
  return inTime;
}
