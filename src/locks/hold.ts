import { AsyncLocalStorage } from 'node:async_hooks';
import { RekindleError } from '../domain/error-codes.ts';
import type { HeldResource } from './held-resource.ts';
import { shownName } from './resource-name.ts';

/** A lock that a call holds, and those that were taken around it. */
interface Frame {
  readonly key: string;
  readonly outer: Frame | undefined;
  held: boolean;
}

const frames = new AsyncLocalStorage<Frame>();

/**
 * Does something while holding a lock.
 * @param key which lock it is, among all of this process.
 * @param signal aborts what is done, too.
 * @throws {RekindleError} `RESOURCE_REENTERED` when this very call holds it already; `RESOURCE_LOST` when it was lost
 * before `work` was done, whatever came of that.
 */
export async function hold<T>(
  key: string,
  name: string,
  acquire: () => Promise<HeldResource>,
  work: (signal: AbortSignal) => Promise<T> | T,
  signal?: AbortSignal,
): Promise<T> {
  refuseReentry(key, name);
  const resource = await acquire();
  const frame: Frame = { key, outer: frames.getStore(), held: true };
  try {
    const both = signal ? AbortSignal.any([resource.lost, signal]) : resource.lost;
    const result = await frames.run(frame, async () => work(both));
    resource.check();
    resource.lost.throwIfAborted();
    return result;
  } catch (error) {
    resource.check();
    throw resource.lost.aborted ? resource.lost.reason : error;
  } finally {
    frame.held = false;
    await resource.release();
  }
}

/** It would wait for itself. */
function refuseReentry(key: string, name: string): void {
  for (let frame = frames.getStore(); frame; frame = frame.outer) {
    if (frame.key !== key || !frame.held) continue;
    throw new RekindleError(
      'RESOURCE_REENTERED',
      `the lock "${shownName(name)}" is asked for inside the very call that holds it`,
      { hint: 'Take it once, outside, and call what needs it from there.' },
    );
  }
}
