import { setImmediate as nextTurn } from 'node:timers/promises';

/** Rows in one transaction: some 20 ms of writing, then others get the thread and the file. */
export const BATCH_SIZE = 500;

/**
 * Hands pages to `fn` in batches, and gives the thread back between them. Ends at once when `signal` aborts,
 * also while the source is waiting for something.
 * @throws what the source or `fn` throws; the signal's reason.
 */
export async function forEachBatch<T>(
  pages: AsyncIterable<readonly T[]>,
  fn: (batch: readonly T[]) => void | Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  for await (const page of signal ? untilAborted(pages, signal) : pages) {
    for (let start = 0; start < page.length; start += BATCH_SIZE) {
      await fn(page.slice(start, start + BATCH_SIZE));
      await nextTurn();
      signal?.throwIfAborted();
    }
  }
}

async function* untilAborted<T>(items: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  signal.throwIfAborted();
  const iterator = items[Symbol.asyncIterator]();
  const aborted = Promise.withResolvers<never>();
  // Without a handler of its own the rejection would count as unhandled when nobody waits just then.
  aborted.promise.catch(() => {});
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', abort);
  try {
    for (;;) {
      const next = await Promise.race([iterator.next(), aborted.promise]);
      if (next.done) return;
      yield next.value;
    }
  } finally {
    signal.removeEventListener('abort', abort);
    // Not awaited: a source that hangs would hold up the end.
    iterator.return?.()?.catch(() => {});
  }
}
