import type { LogLevel, Logger as TemporalLogger } from '@temporalio/common';
import type { Logger } from './logger.ts';

const LEVELS = {
  TRACE: 'trace',
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warn',
  ERROR: 'error',
} as const satisfies Record<LogLevel, string>;

/**
 * What the SDK warns about at every failed attempt, with the whole error. A retry is business as usual here: the
 * task's state says how often and why, and a failed task is reported by whoever follows it.
 */
const ROUTINE = new Set(['Activity failed', 'Workflow failed']);

/** Temporal's runtime and workflow logs as lines of our own logger. */
export function temporalLogger(log: Logger): TemporalLogger {
  const write = (level: LogLevel, message: string, meta?: Record<string, unknown>): void =>
    log[LEVELS[level === 'WARN' && ROUTINE.has(message) ? 'DEBUG' : level]](meta ?? {}, message);
  return {
    log: write,
    trace: (message, meta) => write('TRACE', message, meta),
    debug: (message, meta) => write('DEBUG', message, meta),
    info: (message, meta) => write('INFO', message, meta),
    warn: (message, meta) => write('WARN', message, meta),
    error: (message, meta) => write('ERROR', message, meta),
  };
}
