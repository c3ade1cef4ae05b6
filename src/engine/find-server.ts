/** Which server runs for a data directory. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { identityOf, isAlive } from '../locks/process-identity.ts';
import { type EngineFiles, type EngineRecord, readRecord } from './engine-files.ts';
import { parseServerArguments } from './server-arguments.ts';

/**
 * The server that has this directory's file open: by its record, or, when the record is missing or rubbish, by
 * looking for a process with that file on its command line. null: none runs.
 */
export function findServer(files: EngineFiles): EngineRecord | null {
  const record = readRecord(files);
  if (record && isAlive(record.process)) return record;
  for (const { pid, line } of commandLines()) {
    const server = parseServerArguments(line);
    if (server?.database !== files.database) continue;
    const identity = identityOf(pid);
    if (identity)
      return {
        process: identity,
        ports: server.ports,
        executable: line[0] ?? 'temporal',
        startedAt: new Date().toISOString(),
      };
  }
  return null;
}

/** Command lines of all processes that we may see; none where the system does not tell. */
function commandLines(): { pid: number; line: string[] }[] {
  if (process.platform === 'linux') return commandLinesFromProc();
  if (process.platform === 'win32') return [];
  try {
    const list = execFileSync('ps', ['-A', '-o', 'pid=,command='], { encoding: 'utf8', maxBuffer: 16 << 20 });
    return list.split('\n').map((row) => {
      const [pid, ...line] = row.trim().split(' ');
      return { pid: Number(pid), line };
    });
  } catch {
    return [];
  }
}

function commandLinesFromProc(): { pid: number; line: string[] }[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => {
    try {
      const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      return [{ pid: Number(pid), line }];
    } catch {
      return [];
    }
  });
}
