/** The journals of workers, read by those who may have to take over. */
import { appendFileSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { isPlainObject } from '../domain/json.ts';
import { isAlive, isForeign, type ProcessIdentity, parseIdentity } from '../locks/process-identity.ts';
import {
  type ActivityInFlight,
  endLine,
  JOURNAL_SUFFIX,
  type WorkerRole,
  type WorkInFlight,
} from './in-flight-journal.ts';

/** What a dead worker left: the activities it was doing. */
export interface AbandonedJournal {
  readonly file: string;
  readonly inFlight: readonly ActivityInFlight[];
}

/** A worker's journal. */
export interface Journal extends AbandonedJournal {
  readonly role: WorkerRole;
  /** null: the first line is damaged, or not written yet. */
  readonly owner: ProcessIdentity | null;
}

/** The journals in `dir` whose worker is dead. */
export function abandonedJournals(dir: string): AbandonedJournal[] {
  return readJournals(dir).filter(({ file, owner }) => {
    const identity = owner ?? ownerByName(file);
    return identity === null || !isAlive(identity);
  });
}

/** Whether a worker that serves every command of the data directory runs on this machine. */
export function serviceRuns(dir: string): boolean {
  // One in another container cannot be seen from here: a worker too many does no harm, one too few would.
  const runsHere = (owner: ProcessIdentity): boolean => isAlive(owner) && !isForeign(owner);
  return readJournals(dir).some(({ role, owner }) => role === 'service' && owner !== null && runsHere(owner));
}

/** Takes attempts out of a dead worker's journal: somebody goes on with them. */
export function disown(file: string, keys: readonly string[]): void {
  // What was cut in the middle of a line must not swallow the first of these.
  if (keys.length > 0) appendFileSync(file, `\n${keys.map(endLine).join('')}`);
}

/**
 * Whose a journal without a first line is: its worker may be about to write that line. When the number was given to
 * another process meanwhile the journal waits for that one's end.
 */
function ownerByName(file: string): ProcessIdentity | null {
  return parseIdentity({ pid: Number(/^worker-(\d+)-/.exec(basename(file))?.[1]) });
}

/** All journals in `dir`, of live workers too. */
export function readJournals(dir: string): Journal[] {
  return journalFiles(dir).flatMap((file) => readJournal(file) ?? []);
}

function journalFiles(dir: string): string[] {
  try {
    return readdirSync(dir)
      .filter((name) => name.endsWith(JOURNAL_SUFFIX))
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
  for (const line of lines) if (line) applyLine(inFlight, line);
  const role = first?.role === 'service' ? 'service' : 'command';
  return { file, role, owner: parseIdentity(first), inFlight: [...inFlight.values()] };
}

type Line = Readonly<Record<string, unknown>>;

function applyLine(inFlight: Map<string, ActivityInFlight>, line: Line): void {
  const { op, key } = line;
  if (typeof key !== 'string') return;
  const known = inFlight.get(key);
  if (op === '+' && isStart(line)) inFlight.set(key, activityOf(line));
  else if (op === '-') inFlight.delete(key);
  else if (op === 'x' && known) inFlight.set(key, { ...known, cancelled: true });
  else if (op === 'h' && known?.work && typeof line.at === 'number')
    inFlight.set(key, { ...known, work: { ...known.work, beat: line.beat, aliveAtMs: line.at } });
}

function isStart(line: Line): line is Line & Omit<ActivityInFlight, 'work'> {
  const { attempt, workflowId, runId, activityId, taskToken } = line;
  const texts = [workflowId, runId, activityId, taskToken];
  return typeof attempt === 'number' && texts.every((text) => typeof text === 'string');
}

function activityOf(line: Line & Omit<ActivityInFlight, 'work'>): ActivityInFlight {
  const { workflowId, runId, activityId, attempt, taskToken, work } = line;
  const activity = { workflowId, runId, activityId, attempt, taskToken };
  return isWork(work) ? { ...activity, work } : activity;
}

function isWork(work: unknown): work is WorkInFlight {
  return (
    isPlainObject(work) &&
    Array.isArray(work.args) &&
    isPlainObject(work.info) &&
    typeof work.aliveAtMs === 'number'
  );
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
