/** Waits until the signal is aborted; keeps the process running meanwhile. */
export async function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const keepRunning = setInterval(() => undefined, 2 ** 30);
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  clearInterval(keepRunning);
}

/** Rejects with the signal's reason when it is aborted, for `Promise.race`; unhandled it does no harm. */
export function rejectWhenAborted(signal: AbortSignal): Promise<never> {
  const rejected = new Promise<never>((_resolve, reject) => {
    const stop = (): void => reject(signal.reason);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  rejected.catch(() => undefined);
  return rejected;
}
