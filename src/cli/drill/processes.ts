import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** A process of this machine. */
export interface SeenProcess {
  readonly pid: number;
  readonly parent: number;
  /** Its words, parted by spaces. */
  readonly line: string;
  /** Grows with later starts. */
  readonly started: number;
}

/** The processes whose command line has `text`, the older ones first. */
export function processesWith(text: string): SeenProcess[] {
  const all = process.platform === 'linux' ? fromProc() : fromPs();
  return all
    .filter(({ line, pid }) => line.includes(text) && pid !== process.pid)
    .sort((a, b) => a.started - b.started || a.pid - b.pid);
}

/** `kill -9`; one that has just ended is no error. */
export function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function fromProc(): SeenProcess[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
        // What stands before the last bracket is a name, which may hold anything.
        const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        return [{ pid: Number(pid), parent: Number(fields[1]), line, started: Number(fields[19]) }];
      } catch {
        return []; // It has ended meanwhile.
      }
    });
}

function fromPs(): SeenProcess[] {
  const list = execFileSync('ps', ['-A', '-ww', '-o', 'pid=,ppid=,command='], {
    encoding: 'utf8',
    maxBuffer: 16 << 20,
  });
  return [...list.matchAll(/^ *(\d+) +(\d+) (.*)$/gm)].map(([, pid, parent, line = '']) => ({
    pid: Number(pid),
    parent: Number(parent),
    line,
    started: Number(pid),
  }));
}
