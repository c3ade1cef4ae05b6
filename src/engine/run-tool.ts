import { spawn } from 'node:child_process';

export interface ToolResult {
  /** null: it could not be started, or a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  /** The last part of standard error, or why it could not be started. */
  readonly stderr: string;
}

export interface ToolOptions {
  /** It is killed after this long. */
  readonly timeoutMs: number;
  /** Its environment. @default that of this process */
  readonly env?: NodeJS.ProcessEnv | undefined;
  readonly cwd?: string;
  /** Called with every line of its standard error. */
  readonly onLine?: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/** What is kept of a tool's output: enough for an error message. */
const KEPT_CHARACTERS = 64 * 1024;

/** Runs a program to its end. Never throws: what went wrong is in the result. */
export function runTool(command: string, args: readonly string[], options: ToolOptions): Promise<ToolResult> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(options.env ? { env: options.env } : {}),
      ...(options.cwd ? { cwd: options.cwd } : {}),
      ...(options.signal ? { signal: options.signal } : {}),
    });
    // Not spawn's own `timeout`: that one stays behind when the program cannot be started at all.
    const timer = setTimeout(() => child.kill('SIGKILL'), options.timeoutMs);
    const done = (result: ToolResult): void => {
      clearTimeout(timer);
      resolve(result);
    };
    let stdout = '';
    let stderr = '';
    let line = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout = (stdout + text).slice(-KEPT_CHARACTERS);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-KEPT_CHARACTERS);
      const lines = (line + text).split('\n');
      line = lines.pop() ?? '';
      for (const whole of lines) options.onLine?.(whole);
    });
    child.on('error', (error) => done({ code: null, stdout, stderr: error.message }));
    child.on('close', (code, signal) =>
      done({ code, stdout, stderr: signal ? `${stderr}\nended by ${signal}` : stderr }),
    );
  });
}
