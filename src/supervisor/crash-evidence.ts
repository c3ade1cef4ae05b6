import { engineFiles, readRecord } from '../engine/engine-files.ts';
import { isAlive, isEarlierBoot } from '../locks/process-identity.ts';
import type { ActivityInFlight } from './in-flight-journal.ts';
import { journalDir } from './journal-dir.ts';
import { abandonedJournals } from './read-journals.ts';
import type { CrashCause } from './recovery-session.ts';
import type { LastRun, RunFile } from './run-file.ts';

/** What tells, at the start of a process, whether the last one ended properly. */
export interface CrashEvidence {
  readonly crashed: boolean;
  /** null: nothing crashed. */
  readonly cause: CrashCause | null;
  readonly lastRun: LastRun;
  /** Workers that died without having ended. */
  readonly deadWorkers: number;
  /** What they were doing. */
  readonly inFlight: readonly ActivityInFlight[];
  /** What could not be read. */
  readonly problems: readonly string[];
}

/** Looks for what a crash leaves: a PID file without an end, journals of dead workers. Changes nothing; takes milliseconds. */
export function crashEvidence(dataDir: string, runFile: RunFile): CrashEvidence {
  const lastRun = runFile.last();
  const problems = lastRun.state === 'damaged' ? [`${runFile.path} cannot be read`] : [];
  const journals = abandonedJournals(journalDir({ dataDir }));
  const cause = causeOf(dataDir, lastRun, journals.length);
  return {
    crashed: cause !== null,
    cause,
    lastRun,
    deadWorkers: journals.length,
    inFlight: journals.flatMap(({ inFlight }) => inFlight),
    problems,
  };
}

function causeOf(dataDir: string, lastRun: LastRun, deadWorkers: number): CrashCause | null {
  if (lastRun.state === 'crashed') return isEarlierBoot(lastRun.process) ? 'machine' : 'supervisor';
  if (lastRun.state === 'damaged') return 'unknown';
  if (deadWorkers > 0) return 'worker';
  // Whoever used it last would have stopped it, or left it running.
  const engine = readRecord(engineFiles(dataDir));
  if (!engine || isAlive(engine.process)) return null;
  return isEarlierBoot(engine.process) ? 'machine' : 'engine';
}
