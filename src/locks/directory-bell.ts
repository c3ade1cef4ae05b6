import { type FSWatcher, watch } from 'node:fs';

/** Rings when an entry of a directory comes or goes; where the system cannot tell, only when the time is over. */
export class DirectoryBell implements Disposable {
  readonly #watcher: FSWatcher | undefined;
  #ring: ((entry: string | null) => void) | undefined;

  constructor(directory: string) {
    try {
      this.#watcher = watch(directory, (_event, entry) => this.#ring?.(entry));
      this.#watcher.on('error', () => undefined);
    } catch {
      // No watches left, or a file system without them: those who wait look again from time to time.
    }
  }

  /**
   * Waits for a change of this entry. No change is missed between looking and waiting, as long as nothing is awaited there.
   * @returns whether it changed; false: the time is over, or the signal was aborted.
   */
  wait(entry: string, ms: number, signal?: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const end = (changed: boolean): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', aborted);
        this.#ring = undefined;
        resolve(changed);
      };
      const aborted = (): void => end(false);
      const timer = setTimeout(end, ms, false);
      signal?.addEventListener('abort', aborted, { once: true });
      this.#ring = (changed) => {
        if (changed === null || changed === entry) end(true);
      };
    });
  }

  [Symbol.dispose](): void {
    this.#watcher?.close();
  }
}
