/** What the processes of `up` hold, looked at from outside, and asked for by SIGUSR2 as an operator would. */
import { readdirSync, readFileSync } from 'node:fs';
import type { Diagnostics } from '../../src/cli/diagnostics.ts';
import { DIAGNOSTICS_MESSAGE } from '../../src/cli/diagnostics.ts';
import type { Family, Members } from '../../src/cli/drill/family.ts';
import type { SoakClock } from './clock.ts';
import type { Point } from './trend.ts';

export const PROCESSES = ['supervisor', 'worker', 'spare', 'keeper', 'engine'] as const;
export type ProcessName = (typeof PROCESSES)[number] & keyof Members;

/** Quantities, with the growth in 24 hours that is none: a cache that fills up late, a connection more. */
export const QUANTITIES = {
  'RSS, MiB': 4,
  'open files': 2,
  threads: 2,
  'heap after GC, MiB': 1,
  'timers, sockets …': 2,
} as const;
export type Quantity = keyof typeof QUANTITIES;

const MIB = 1024 * 1024;

/** Measurements of each process, one row of points for each quantity. */
export class Sampler {
  readonly #family: Family;
  readonly #clock: SoakClock;
  readonly #logFile: string;
  /** Those that run at the beginning: nothing shall replace them, and only they are known to answer the signal. */
  readonly #pids: Readonly<Partial<Record<ProcessName, number>>>;
  readonly #points = new Map<string, Point[]>();
  #linesRead = 0;

  constructor(family: Family, clock: SoakClock, logFile: string) {
    this.#family = family;
    this.#clock = clock;
    this.#logFile = logFile;
    this.#pids = knownPids(family);
  }

  /** Looks at every process. */
  look(): void {
    const { hour } = this.#clock;
    for (const [name, pid] of this.#members()) {
      const seen = processStatus(pid);
      if (!seen) continue;
      this.#add(name, 'RSS, MiB', { hour, value: seen.rss / MIB });
      this.#add(name, 'open files', { hour, value: seen.files });
      this.#add(name, 'threads', { hour, value: seen.threads });
    }
    this.#readAnswers(hour);
  }

  /** Asks every process of ours what it holds; the answers come into its log a moment later. */
  ask(): void {
    for (const [name, pid] of this.#members()) {
      if (name === 'engine' || !processStatus(pid)) continue;
      process.kill(pid, 'SIGUSR2');
    }
  }

  pointsOf(name: ProcessName, quantity: Quantity): readonly Point[] {
    return this.#points.get(`${name}/${quantity}`) ?? [];
  }

  /** Processes that are not the ones that ran at the beginning. */
  replaced(): ProcessName[] {
    const now = knownPids(this.#family);
    return PROCESSES.filter((name) => now[name] !== this.#pids[name]);
  }

  /** What each process said last that keeps it running, by kind. */
  readonly lastResources = new Map<ProcessName, Diagnostics['resources']>();

  #readAnswers(hour: number): void {
    const lines = readFileSync(this.#logFile, 'utf8').split('\n');
    for (const line of lines.slice(this.#linesRead, -1)) {
      if (!line.includes(DIAGNOSTICS_MESSAGE)) continue;
      const { pid, heap_used, resources } = JSON.parse(line) as Diagnostics & { readonly pid: number };
      const name = this.#members().find(([, one]) => one === pid)?.[0];
      if (!name) continue;
      const count = Object.values(resources).reduce((sum, one) => sum + one, 0);
      this.#add(name, 'heap after GC, MiB', { hour, value: heap_used / MIB });
      this.#add(name, 'timers, sockets …', { hour, value: count });
      this.lastResources.set(name, resources);
    }
    this.#linesRead = lines.length - 1;
  }

  #members(): [ProcessName, number][] {
    return Object.entries(this.#pids) as [ProcessName, number][];
  }

  #add(name: ProcessName, quantity: Quantity, point: Point): void {
    const key = `${name}/${quantity}`;
    const points = this.#points.get(key) ?? [];
    points.push(point);
    this.#points.set(key, points);
  }
}

function knownPids(family: Family): Partial<Record<ProcessName, number>> {
  const members = family.members();
  return Object.fromEntries(
    PROCESSES.flatMap((name) => (members[name] === undefined ? [] : [[name, members[name]]])),
  );
}

/** From /proc (Linux). @returns undefined when the process is gone. */
function processStatus(pid: number): { rss: number; threads: number; files: number } | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const field = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]);
    const files = readdirSync(`/proc/${pid}/fd`).length;
    return { rss: field('VmRSS') * 1024, threads: field('Threads'), files };
  } catch {
    return undefined;
  }
}
