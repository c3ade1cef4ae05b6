import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { isPlainObject } from '../domain/json.ts';
import {
  identityOf,
  isAlive,
  isForeign,
  type ProcessIdentity,
  parseIdentity,
} from '../locks/process-identity.ts';

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
}

/** What a dead worker left: the activities it was doing. */
export interface AbandonedJournal {
  readonly file: string;
  readonly inFlight: readonly ActivityInFlight[];
}

/**
 * What a worker is for: one of a `service` (`up`, `worker`) serves every command of the data directory, one of a
 * `command` ends with it.
 */
export type WorkerRole = 'service' | 'command';

type Line = ActivityInFlight & { readonly key: string };

interface Journal extends AbandonedJournal {
  readonly role: WorkerRole;
  /** null: the first line is damaged, or not written yet. */
  readonly owner: ProcessIdentity | null;
}

/** A process may have several workers that start in the same millisecond. */
let journalsMade = 0;

/** Past this size an idle journal starts afresh. */
const COMPACT_BYTES = 1024 * 1024;
const SUFFIX = '.journal';

/**
 * A worker's record of the activities it is doing, one JSON line for each start (`+`), cancellation (`x`) and end (`-`). It is written to
 * the page cache only: that outlives kill -9, and after a power cut there is no half-done activity to tell of.
 */
export class InFlightJournal {
  readonly #file: string;
  readonly #header: string;
  #fd: number | undefined;
  readonly #inFlight = new Map<string, ActivityInFlight>();
  #size = 0;

  /**
   * The journal of this process's worker in `dir`, which is made when missing.
   * @param begin false: it is opened by {@link begin}; a spare that is killed leaves nothing.
   */
  constructor(dir: string, role: WorkerRole, begin = true) {
    this.#file = join(dir, `worker-${process.pid}-${Date.now()}-${journalsMade++}${SUFFIX}`);
    this.#header = `${JSON.stringify({ ...identityOf(), role })}\n`;
    if (begin) this.begin();
  }

  /** Opens it: from here on there is a worker. */
  begin(): void {
    mkdirSync(dirname(this.#file), { recursive: true });
    this.#fd = openSync(this.#file, 'w', 0o600);
    this.#append(this.#header);
  }

  started(activity: ActivityInFlight): string {
    const key = `${activity.runId}/${activity.activityId}/${activity.attempt}`;
    this.#inFlight.set(key, activity);
    this.#append(`${JSON.stringify({ op: '+', key, ...activity })}\n`);
    return key;
  }

  cancelled(key: string): void {
    if (this.#inFlight.has(key)) this.#append(`${JSON.stringify({ op: 'x', key })}\n`);
  }

  ended(key: string): void {
    this.#inFlight.delete(key);
    if (this.#inFlight.size === 0 && this.#size > COMPACT_BYTES) this.#compact();
    else this.#append(`${JSON.stringify({ op: '-', key })}\n`);
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

  #compact(): void {
    if (this.#fd === undefined) return;
    ftruncateSync(this.#fd);
    this.#size = 0;
    this.#append(this.#header);
  }

  #append(line: string): void {
    // A step that ended after all, too late.
    if (this.#fd === undefined) return;
    this.#size += writeSync(this.#fd, line, this.#size);
  }
}

/** Keeps a worker's journal from around every activity. */
export function journalInterceptor(journal: InFlightJournal): ActivityInterceptorsFactory {
  return ({ info, cancellationSignal }) => ({
    inbound: {
      async execute(input, next) {
        const { workflowId = '', runId = '' } = info.workflowExecution ?? {};
        const { activityId, attempt, base64TaskToken: taskToken } = info;
        const key = journal.started({ workflowId, runId, activityId, attempt, taskToken });
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

/** The journals in `dir` whose worker is dead. */
export function abandonedJournals(dir: string): AbandonedJournal[] {
  return readJournals(dir).filter(({ file, owner }) => {
    const identity = owner ?? ownerByName(file);
    return identity === null || !isAlive(identity);
  });
}

/**
 * Whose a journal without a first line is: its worker may be about to write that line. When the number was given to
 * another process meanwhile the journal waits for that one's end.
 */
function ownerByName(file: string): ProcessIdentity | null {
  return parseIdentity({ pid: Number(/^worker-(\d+)-/.exec(basename(file))?.[1]) });
}

/** Whether a worker that serves every command of the data directory runs on this machine. */
export function serviceRuns(dir: string): boolean {
  // One in another container cannot be seen from here: a worker too many does no harm, one too few would.
  const runsHere = (owner: ProcessIdentity): boolean => isAlive(owner) && !isForeign(owner);
  return readJournals(dir).some(({ role, owner }) => role === 'service' && owner !== null && runsHere(owner));
}

function readJournals(dir: string): Journal[] {
  return journalFiles(dir).flatMap((file) => readJournal(file) ?? []);
}

function journalFiles(dir: string): string[] {
  try {
    return readdirSync(dir)
      .filter((name) => name.endsWith(SUFFIX))
      .map((name) => join(dir, name));
  } catch {
    return []; // No worker has run here yet.
  }
}

/** Reads a journal, which may end in the middle of a line; undefined when it was removed meanwhile. */
function readJournal(file: string): Journal | undefined {
  const text = readIfThere(file);
  if (text === undefined) return undefined;
  const inFlight = new Map<string, ActivityInFlight>();
  const [first, ...lines] = text.split('\n').map(parseLine);
  for (const line of lines) {
    if (!line || typeof line.key !== 'string') continue;
    const known = inFlight.get(line.key);
    if (line.op === '-') inFlight.delete(line.key);
    else if (line.op === 'x' && known) inFlight.set(line.key, { ...known, cancelled: true });
    else if (isStart(line)) inFlight.set(line.key, activityOf(line));
  }
  const role = first?.role === 'service' ? 'service' : 'command';
  return { file, role, owner: parseIdentity(first), inFlight: [...inFlight.values()] };
}

function isStart(line: Record<string, unknown>): line is Record<string, unknown> & Line {
  const { op, attempt, ...rest } = line;
  const texts = [rest.key, rest.workflowId, rest.runId, rest.activityId, rest.taskToken];
  return op === '+' && typeof attempt === 'number' && texts.every((text) => typeof text === 'string');
}

function activityOf({ workflowId, runId, activityId, attempt, taskToken }: Line): ActivityInFlight {
  return { workflowId, runId, activityId, attempt, taskToken };
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function parseLine(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isPlainObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
