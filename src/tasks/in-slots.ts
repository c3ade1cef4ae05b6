/**
 * Does `work` for every item, at most `slots` at once; the first failure ends it.
 * @returns the results in the order of the items.
 */
export async function inSlots<T, R>(
  items: readonly T[],
  slots: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const queue = items.entries();
  const slot = async (): Promise<void> => {
    // The slots share one iterator: each takes the next item that nobody has.
    for (const [i, item] of queue) results[i] = await work(item);
  };
  const all = Array.from({ length: Math.min(slots, items.length) }, slot);
  // Nothing is left in the queue for the others when one has failed.
  for (const one of all) one.catch(() => [...queue]);
  await Promise.all(all);
  return results;
}
