import { closeSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Context } from '@temporalio/activity';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import type { JsonObject } from '../domain/json.ts';
import { identityOf } from '../locks/process-identity.ts';

/** One attempt of an activity. */
export interface ActivityInFlight {
  readonly workflowId: string;
  readonly runId: string;
  readonly activityId: string;
  readonly attempt: number;
  /**
   * What Temporal knows this very attempt by, base64. By the activity's ID a later attempt, which is well, would be
   * taken for it.
   */
  readonly taskToken: string;
  /** Whether it had heard that it is to end. @default false */
  readonly cancelled?: boolean;
  /** What it takes to carry the attempt on; absent: the activity can only be done again, in a new attempt. */
  readonly work?: WorkInFlight;
}

/** An attempt as another process can go on with it. */
export interface WorkInFlight {
  readonly args: readonly unknown[];
  /** What the attempt knew of itself (`Context.info`), without its token. */
  readonly info: JsonObject;
  /** Its latest heartbeat; absent: the one that its info tells. */
  readonly beat?: unknown;
  /** Its latest sign of life, in ms since the epoch. */
  readonly aliveAtMs: number;
}

/**
 * What a worker is for: one of a `service` (`up`, `worker`) serves every command of the data directory, one of a
 * `command` ends with it.
 */
export type WorkerRole = 'service' | 'command';

/** A process may have several workers that start in the same millisecond. */
let journalsMade = 0;

/** Past this size a journal is written afresh, unless what is in flight is half as long. */
const COMPACT_BYTES = 1024 * 1024;
/** A sign of life is written down this often at most; Temporal hears of it as often. In ms. */
const ALIVE_EVERY_MS = 800;
export const JOURNAL_SUFFIX = '.journal';

/**
 * A worker's record of the activities it is doing, one JSON line for each start (`+`), sign of life (`h`), cancellation
 * (`x`) and end (`-`). It is written to the page cache only: that outlives kill -9, and after a power cut there is no
 * half-done activity to tell of.
 */
export class InFlightJournal {
  readonly #file: string;
  readonly #header: string;
  #fd: number | undefined;
  readonly #inFlight = new Map<string, ActivityInFlight>();
  #size = 0;
  #compactAt = COMPACT_BYTES;

  /**
   * The journal of this process's worker in `dir`, which is made when missing.
   * @param begin false: it is opened by {@link begin}; a spare that is killed leaves nothing.
   */
  constructor(dir: string, role: WorkerRole, begin = true) {
    this.#file = join(dir, `worker-${process.pid}-${Date.now()}-${journalsMade++}${JOURNAL_SUFFIX}`);
    this.#header = `${JSON.stringify({ ...identityOf(), role })}\n`;
    if (begin) this.begin();
  }

  /** Opens it: from here on there is a worker. */
  begin(): void {
    if (this.#fd !== undefined) return;
    mkdirSync(dirname(this.#file), { recursive: true });
    this.#fd = openSync(this.#file, 'w', 0o600);
    this.#append(this.#header);
  }

  started(activity: ActivityInFlight): string {
    const key = keyOf(activity);
    this.#inFlight.set(key, activity);
    this.#append(startLine(activity));
    return key;
  }

  /** Notes the latest heartbeat of an attempt that can be carried on. */
  alive(key: string, beat: unknown, now = Date.now()): void {
    const activity = this.#inFlight.get(key);
    // A clock that was set back must not silence it.
    if (!activity?.work || Math.abs(now - activity.work.aliveAtMs) < ALIVE_EVERY_MS) return;
    this.#inFlight.set(key, { ...activity, work: { ...activity.work, beat, aliveAtMs: now } });
    this.#append(`${JSON.stringify({ op: 'h', key, at: now, beat })}\n`);
  }

  cancelled(key: string): void {
    const activity = this.#inFlight.get(key);
    if (!activity) return;
    this.#inFlight.set(key, { ...activity, cancelled: true });
    this.#append(`${JSON.stringify({ op: 'x', key })}\n`);
  }

  ended(key: string): void {
    this.#inFlight.delete(key);
    this.#append(endLine(key));
  }

  /**
   * Ends the journal after the worker has stopped. It is removed when nothing is in flight; else (steps that did not end
   * in time) it stays for whoever takes over when this process is gone.
   */
  close(): void {
    if (this.#fd === undefined) return;
    closeSync(this.#fd);
    this.#fd = undefined;
    if (this.#inFlight.size === 0) rmSync(this.#file, { force: true });
  }

  #append(line: string): void {
    // A step that ended after all, too late.
    if (this.#fd === undefined) return;
    this.#size += writeSync(this.#fd, line, this.#size);
    if (this.#size > this.#compactAt) this.#compact();
  }

  /** A new file takes its place whole: a kill in the middle leaves the old one. */
  #compact(): void {
    const lines = [...this.#inFlight.values()].flatMap((activity) => {
      const { cancelled, ...started } = activity;
      const end = cancelled ? [`${JSON.stringify({ op: 'x', key: keyOf(activity) })}\n`] : [];
      return [startLine(started), ...end];
    });
    const text = this.#header + lines.join('');
    const next = `${this.#file}.tmp`;
    writeFileSync(next, text, { mode: 0o600 });
    renameSync(next, this.#file);
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = openSync(this.#file, 'r+');
    this.#size = Buffer.byteLength(text);
    this.#compactAt = Math.max(COMPACT_BYTES, 2 * this.#size);
  }
}

/** What an attempt is called in a journal. */
export function keyOf({ runId, activityId, attempt }: ActivityInFlight): string {
  return `${runId}/${activityId}/${attempt}`;
}

/** The line that ends an attempt. */
export function endLine(key: string): string {
  return `${JSON.stringify({ op: '-', key })}\n`;
}

function startLine(activity: ActivityInFlight): string {
  return `${JSON.stringify({ op: '+', key: keyOf(activity), ...activity })}\n`;
}

/** Which attempts can be carried on by another process, and how their heartbeats are heard of. */
export interface CarryRecords {
  /** Activity types whose attempts may begin again at any point of theirs. */
  readonly types: ReadonlySet<string>;
  /** Calls back with each heartbeat of the activity. */
  readonly onBeat: (context: Context, listener: (beat: unknown) => void) => void;
}

/**
 * Keeps a worker's journal from around every activity.
 * @param records @default nothing can be carried on
 */
export function journalInterceptor(
  journal: InFlightJournal,
  records?: CarryRecords,
): ActivityInterceptorsFactory {
  return (context) => ({
    inbound: {
      async execute(input, next) {
        const { info, cancellationSignal } = context;
        const { workflowId = '', runId = '' } = info.workflowExecution ?? {};
        const { activityId, attempt, base64TaskToken: taskToken } = info;
        const carries = records?.types.has(info.activityType) ? records : undefined;
        const work = carries && workOf(context, input.args);
        const key = journal.started({
          workflowId,
          runId,
          activityId,
          attempt,
          taskToken,
          ...(work ? { work } : {}),
        });
        carries?.onBeat(context, (beat) => journal.alive(key, beat));
        cancellationSignal.addEventListener('abort', () => journal.cancelled(key), { once: true });
        try {
          return await next(input);
        } finally {
          journal.ended(key);
        }
      },
    },
  });
}

function workOf({ info }: Context, args: readonly unknown[]): WorkInFlight {
  const { taskToken: _, base64TaskToken: __, ...rest } = info;
  return { args, info: rest as unknown as JsonObject, aliveAtMs: Date.now() };
}
