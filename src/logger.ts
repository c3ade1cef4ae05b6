import { type Logger, pino } from 'pino';
import { maskJson } from './secrets/mask-json.ts';
import { maskText } from './secrets/mask-text.ts';

export type { Logger } from 'pino';

/** Fields whose values never reach a log; pino takes them out before anything is written of them. */
const SECRET_FIELDS = ['password', 'secret', 'token', 'apiKey', 'authorization', 'cookie', 'set-cookie'];

const REDACTED = SECRET_FIELDS.flatMap((field) => {
  const quoted = `["${field}"]`;
  return [quoted, `*${quoted}`, `*.*${quoted}`];
});
const CENSOR = '[redacted]';
/** The SDK's name for an error is `error`; without this its message would be left out. */
const SERIALIZERS = { error: pino.stdSerializers.err };

/**
 * Makes the logger of a process: JSON lines on standard error, so that standard output stays for results.
 * @param name the role of the process, e.g. `worker`.
 */
export function createLogger(name: string, level: string): Logger {
  const destination = pino.destination({ dest: 2, sync: true });
  return pino(
    {
      name,
      level,
      serializers: SERIALIZERS,
      redact: { paths: REDACTED, censor: CENSOR },
      base: { pid: process.pid },
    },
    { write: (line: string) => destination.write(maskLine(line)) },
  );
}

/** What a line without these words holds needs no masks. */
const SUSPICIOUS = /:\/\/|pass|pwd|secret|token|key|pin|otp|auth|bearer|cookie|sig/i;

/**
 * A line as it may be written: at any depth, also in messages and stacks of errors, addresses without credentials and
 * query, and no field that holds a secret by its name.
 */
function maskLine(line: string): string {
  if (!SUSPICIOUS.test(line)) return line;
  try {
    return `${JSON.stringify(maskJson(JSON.parse(line) as unknown, CENSOR))}\n`;
  } catch {
    return maskText(line);
  }
}

/** A logger that says nothing, for tests and for code that may be used without one. */
export const silentLogger: Logger = pino({ level: 'silent' });
