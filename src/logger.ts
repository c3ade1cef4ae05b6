import { type Logger, pino } from 'pino';

export type { Logger } from 'pino';

/** Fields whose values never reach a log, at any depth that our own objects have. */
const SECRET_FIELDS = [
  'password',
  'passwd',
  'secret',
  'token',
  'apiKey',
  'api_key',
  'authorization',
  'cookie',
  'set-cookie',
];

const REDACTED = SECRET_FIELDS.flatMap((field) => {
  const quoted = `["${field}"]`;
  return [quoted, `*${quoted}`, `*.*${quoted}`];
});

/**
 * Makes the logger of a process: JSON lines on standard error, so that standard output stays for results.
 * @param name the role of the process, e.g. `worker`.
 */
export function createLogger(name: string, level: string): Logger {
  const destination = pino.destination({ dest: 2, sync: true });
  return pino(
    { name, level, redact: { paths: REDACTED, censor: '[redacted]' }, base: { pid: process.pid } },
    destination,
  );
}

/** A logger that says nothing, for tests and for code that may be used without one. */
export const silentLogger: Logger = pino({ level: 'silent' });
