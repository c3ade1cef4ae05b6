/**
 * A drill that is killed cannot end its `up`, which is meant to live on whatever happens. So a process of its own sees
 * to that: its standard input ends with the drill.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { kill, processesWith } from './processes.ts';
import { unmount } from './small-disk.ts';

/** What a drill has that lives on without it. */
export interface Estate {
  /** Stands in the command line of each of its processes. */
  readonly dataDir: string;
  /** Where a disk is mounted; null: none is. */
  readonly disk: string | null;
}

const DONE = 'done';
/** What was just being started when its parent was killed shows a moment later. */
const LOOKS = 5;
const LOOK_EVERY_MS = 200;

/** The process that stays when the drill is killed. */
export class Survivor {
  readonly #process: ChildProcess;

  constructor(estate: Estate) {
    // A session of its own: a Ctrl-C is not for it. Its command line must not name what it kills.
    this.#process = spawn(process.execPath, [fileURLToPath(import.meta.url)], {
      stdio: ['pipe', 'ignore', 'inherit'],
      detached: true,
    });
    this.#process.stdin?.on('error', () => undefined); // It shows in `dismiss` that it is gone.
    this.#process.stdin?.write(`${JSON.stringify(estate)}\n`);
  }

  /** The drill has cleared everything away itself. */
  async dismiss(): Promise<void> {
    const { exitCode, signalCode, stdin } = this.#process;
    if (exitCode !== null || signalCode !== null) return;
    const exited = once(this.#process, 'exit');
    stdin?.end(DONE);
    await exited;
  }
}

/** Waits for the end of the drill, and clears away what it left, unless it says that there is nothing. */
async function survive(): Promise<void> {
  const [estate = '', word] = (await text(process.stdin)).split('\n');
  if (word === DONE) return;
  const { dataDir, disk } = JSON.parse(estate) as Estate;
  for (let looks = 0; looks < LOOKS; looks++) {
    for (const { pid } of processesWith(dataDir)) kill(pid);
    await delay(LOOK_EVERY_MS);
  }
  if (disk !== null) unmount(disk);
}

if (import.meta.main) await survive();
