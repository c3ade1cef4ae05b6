import type { Config } from '../config.ts';
import { SEARCH_ATTRIBUTES } from '../domain/task-state.ts';
import type { EngineFiles } from './engine-files.ts';
import type { EnginePorts } from './ports.ts';

/**
 * One machine, one file. Workflows/s with one activity on 2 cores: 20 as it comes, 47 with WAL and
 * synchronous=normal, 92–100 with these and one task-queue partition (median of 3 runs).
 */
const PRAGMAS = {
  journal_mode: 'wal',
  /** Nobody else opens the file while the server runs. */
  locking_mode: 'exclusive',
  /** 64 MiB. */
  cache_size: '-65536',
} as const;

const DYNAMIC_CONFIG = {
  'matching.numTaskqueueReadPartitions': 1,
  'matching.numTaskqueueWritePartitions': 1,
  /** Timers and retries may fire this late; the server's default is 1 s. Work goes on after a crash by a timer. */
  'history.timerProcessorMaxTimeShift': '10ms',
  /**
   * How long a workflow task that died with its worker keeps its workflow waiting; the server's default is 10 s.
   * Our workflow tasks take milliseconds.
   */
  'history.defaultWorkflowTaskTimeout': '3s',
  /**
   * A client that does not answer for so long (4 + 5 s; the server's default is 70 s) is cut off: the open polls of a worker
   * that is frozen, or whose host is gone, would take the steps that its heartbeat timeout (10 s) has just freed.
   */
  'frontend.keepAliveTime': '4s',
  'frontend.keepAliveTimeout': '5s',
} as const;

const TYPE_NAMES = { KEYWORD: 'Keyword', INT: 'Int', DATETIME: 'Datetime' } as const;

/** The command line of the embedded server, to be run in its directory. */
export function serverArguments(config: Config, ports: EnginePorts): string[] {
  const pragmas = { ...PRAGMAS, synchronous: config.engine.synchronous };
  return [
    'server',
    'start-dev',
    ...['--ip', '127.0.0.1', '--port', String(ports.grpc), '--ui-port', String(ports.ui)],
    ...['--db-filename', DATABASE_NAME],
    ...codecEndpoint(config),
    ...(config.namespace === 'default' ? [] : ['--namespace', config.namespace]),
    ...Object.entries(pragmas).flatMap(([name, value]) => ['--sqlite-pragma', `${name}=${value}`]),
    ...Object.entries(DYNAMIC_CONFIG).flatMap(([key, value]) => [
      '--dynamic-config-value',
      `${key}=${JSON.stringify(value)}`,
    ]),
    ...Object.entries(SEARCH_ATTRIBUTES).flatMap(([name, type]) => [
      '--search-attribute',
      `${name}=${TYPE_NAMES[type]}`,
    ]),
  ];
}

/** Where the Web UI has data decrypted: at `rekindle codec-server`, when there is a token for it. */
function codecEndpoint({ encryption }: Config): string[] {
  if (!encryption?.codecServer.token) return [];
  const { host, port } = encryption.codecServer;
  // A server that listens everywhere is reached here; and cookies belong to one name of a host, so it is the UI's.
  const reachedAt = host === '0.0.0.0' || host === '::' || host === 'localhost' ? '127.0.0.1' : host;
  return ['--ui-codec-endpoint', `http://${reachedAt.includes(':') ? `[${reachedAt}]` : reachedAt}:${port}`];
}

/** Name of the server's file inside its directory, which is its working directory. */
export const DATABASE_NAME = 'temporal.db';

/**
 * What the server's process is called (its `argv[0]`), so that people and we see in a process list whose it is.
 * The directory cannot be in the file's name: that is taken for a URI, in which `#`, `?` and `%` mean something else.
 */
export function processName(files: EngineFiles): string {
  return `temporal(rekindle):${files.dir}`;
}

/** The ports of a server's command line, its words parted by spaces; null when it is no embedded server's. */
export function parsePorts(line: string): EnginePorts | null {
  if (!line.includes(' server start-dev ') || !line.includes(` --db-filename ${DATABASE_NAME} `)) return null;
  const grpc = / --port (\d+) /.exec(line)?.[1];
  const ui = / --ui-port (\d+) /.exec(line)?.[1];
  return grpc && ui ? { grpc: Number(grpc), ui: Number(ui) } : null;
}
