/** Which server runs for a data directory. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { identityOf, isAlive } from '../locks/process-identity.ts';
import { type EngineFiles, type EngineRecord, readRecord } from './engine-files.ts';
import { parsePorts, processName } from './server-arguments.ts';

/**
 * The server that has this directory's file open: by its record, or, when the record is missing or rubbish, by
 * looking for its process. null: none runs.
 */
export function findServer(files: EngineFiles): EngineRecord | null {
  const record = readRecord(files);
  if (record && isAlive(record.process)) return record;
  for (const { pid, line } of commandLines()) {
    const ports = parsePorts(line);
    if (!ports || !belongsTo(files, pid, line)) continue;
    const identity = identityOf(pid);
    if (identity)
      return { process: identity, ports, executable: 'temporal', startedAt: new Date().toISOString() };
  }
  return null;
}

/** A launcher script between us and the server loses the name that we gave it; the working directory stays. */
function belongsTo(files: EngineFiles, pid: number, line: string): boolean {
  if (line.startsWith(`${processName(files)} `)) return true;
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(files.dir);
  } catch {
    return false;
  }
}

interface CommandLine {
  readonly pid: number;
  /** Its words, each followed by a space. */
  readonly line: string;
}

/** All processes that we may see; none where the system does not tell. */
function commandLines(): CommandLine[] {
  if (process.platform === 'linux') return commandLinesFromProc();
  if (process.platform === 'win32') return [];
  try {
    const list = execFileSync('ps', ['-A', '-ww', '-o', 'pid=,command='], {
      encoding: 'utf8',
      maxBuffer: 16 << 20,
    });
    return [...list.matchAll(/^ *(\d+) (.*)$/gm)].map(([, pid, line]) => ({
      pid: Number(pid),
      line: `${line} `,
    }));
  } catch {
    return [];
  }
}

function commandLinesFromProc(): CommandLine[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => {
    try {
      return [{ pid: Number(pid), line: readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ') }];
    } catch {
      return [];
    }
  });
}
