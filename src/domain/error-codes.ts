import type { BuiltInCategory } from './category.ts';
import type { RetryErrorType } from './retry-policy.ts';

interface CodeMeaning {
  readonly category: BuiltInCategory;
  /** How a step that throws it is retried; null: not at all. */
  readonly retryType: RetryErrorType | null;
  /** One sentence for docs/errors.md. */
  readonly meaning: string;
}

const never = (category: BuiltInCategory, meaning: string): CodeMeaning => ({
  category,
  retryType: null,
  meaning,
});
const retried = (category: BuiltInCategory, retryType: RetryErrorType, meaning: string): CodeMeaning => ({
  category,
  retryType,
  meaning,
});

/**
 * Every error that rekindle itself raises. The code says what happened, so it is classified by this
 * table and never by the words of its message. docs/errors.md lists the same codes (a test compares them).
 */
export const ERROR_CODES = {
  INVALID_INPUT: never('unrecoverable_data', 'An argument or a field of the input is wrong.'),
  INVALID_URL: never('unrecoverable_data', 'The address is no http or https URL.'),
  INVALID_CHECKPOINT: never('unrecoverable_data', 'A checkpoint is damaged or does not fit the task.'),
  INVALID_CONFIG: never('unrecoverable_config', 'The configuration has problems; all are listed at once.'),
  TARGET_OUTSIDE: never('unrecoverable_config', 'The target lies outside the allowed directory.'),
  TARGET_EXISTS: never(
    'unrecoverable_business',
    'A file of another origin stands where the result would go.',
  ),
  TARGET_BUSY: never('unrecoverable_business', 'Another task is writing the same target.'),
  NOT_WRITABLE: retried('recoverable_system', 'system_error', 'A directory or file cannot be written.'),
  DISK_FULL: retried('recoverable_system', 'system_error', 'The disk or the quota is full.'),
  HTTP_PROTOCOL: retried(
    'recoverable_network',
    'network_error',
    'The answer broke the rules of HTTP or ended early.',
  ),
  CONNECTION_LOST: retried(
    'recoverable_network',
    'network_error',
    'The connection ended before the body did.',
  ),
  STALLED: retried(
    'recoverable_network',
    'network_error',
    'Nothing arrived for as long as the stall timeout.',
  ),
  REDIRECT_LOOP: never('unrecoverable_config', 'The redirects lead in a circle, or are too many.'),
  SOURCE_CHANGED: retried(
    'recoverable_temporary',
    'temporary_error',
    'The file on the server keeps changing while it is fetched.',
  ),
  LENGTH_MISMATCH: retried(
    'recoverable_network',
    'network_error',
    'The server sent another number of bytes than it announced.',
  ),
  CHECKSUM_MISMATCH: never(
    'unrecoverable_data',
    'The file is complete but its checksum is not the expected one.',
  ),
  WORKER_LOST: retried(
    'recoverable_system',
    'system_error',
    'The worker died again and again in the same step.',
  ),
  STEP_TIMEOUT: retried('recoverable_temporary', 'temporary_error', 'A step took longer than it may.'),
  TASK_NOT_FOUND: never('unrecoverable_business', 'No task has this id.'),
  TASK_STATE: never('unrecoverable_business', 'The task is in a state that does not allow this.'),
  RESOURCE_BUSY: retried(
    'recoverable_temporary',
    'temporary_error',
    'A resource lock was not free in the time given.',
  ),
  RESOURCE_LOST: retried(
    'recoverable_temporary',
    'temporary_error',
    'A resource lock was lost while it was held.',
  ),
  RESOURCE_REENTERED: never(
    'unrecoverable_config',
    'A resource lock was asked for inside the call that holds it.',
  ),
  ENGINE_UNAVAILABLE: retried(
    'recoverable_network',
    'network_error',
    'The Temporal server cannot be reached or started.',
  ),
  PAYLOAD_UNREADABLE: never(
    'unrecoverable_config',
    'Data in Temporal cannot be decrypted: its key is not configured, or it was changed.',
  ),
  SECRET_UNREADABLE: never(
    'unrecoverable_config',
    'A secret cannot be read: what it is referred to by leads nowhere, or the key that sealed it is not here.',
  ),
  SITE_UNKNOWN: never('unrecoverable_config', 'No description of this site is there, or it has mistakes.'),
  SITE_CHANGED: never('unrecoverable_config', 'A page of the site is not as its description says.'),
  BROWSER_MISSING: never('unrecoverable_config', 'A site needs a browser, and none can be started.'),
  LOGIN_REFUSED: never('unrecoverable_config', 'The site says clearly that the credentials are wrong.'),
  LOGIN_UNCLEAR: retried(
    'unrecoverable_config',
    'auth_error',
    'The login did not succeed, and the site does not say why.',
  ),
  CODE_REFUSED: retried('unrecoverable_config', 'auth_error', 'The site did not take a one-time code.'),
  LOGIN_BLOCKED: never(
    'unrecoverable_config',
    'The site has locked the account or wants to see a person (captcha, blocked).',
  ),
  LOGIN_UNANSWERED: never(
    'unrecoverable_business',
    'Nobody answered in time with the code that a login needs, or the codes were wrong.',
  ),
  SESSION_REFUSED: never(
    'unrecoverable_config',
    'The site refuses a session right after a login: the account may not see this, or the login is not enough.',
  ),
  SESSION_UNAVAILABLE: never(
    'unrecoverable_config',
    'A session was not there in the time given: its login waits for a person.',
  ),
  ADDRESS_FORBIDDEN: never(
    'unrecoverable_config',
    'The address is not one that downloads may connect to: private, link-local, or denied by the configuration.',
  ),
  TOO_LARGE: never('unrecoverable_business', 'The file is larger than a download may be.'),
  TOO_LONG: never('unrecoverable_business', 'The download takes longer than it may.'),
  MIRROR_UNAVAILABLE: retried(
    'recoverable_system',
    'system_error',
    'The mirror file cannot be opened, read or written.',
  ),
  MIRROR_NEWER: never('unrecoverable_config', 'The mirror was written by a newer version of rekindle.'),
} as const satisfies Record<string, CodeMeaning>;

/** The code of an error that rekindle raises itself. */
export type ErrorCode = keyof typeof ERROR_CODES;

/** An error that rekindle raises itself: what is wrong and where (message), and what to do (hint). */
export class RekindleError extends Error {
  override readonly name = 'RekindleError';
  readonly code: ErrorCode;
  /** What the reader can do about it; one sentence. */
  readonly hint: string | undefined;
  /** Facts for programs; JSON without secrets. */
  readonly facts: Readonly<Record<string, string | number | boolean | null>>;

  constructor(
    code: ErrorCode,
    message: string,
    options: {
      hint?: string;
      cause?: unknown;
      facts?: Record<string, string | number | boolean | null>;
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.facts = options.facts ?? {};
  }
}

/** Whether `error` is a {@link RekindleError} (of that code), also one of another copy of this module. */
export function isRekindleError(error: unknown, code?: ErrorCode): error is RekindleError {
  const ours = error instanceof Error && error.name === 'RekindleError' && 'code' in error;
  return ours && (code === undefined || error.code === code);
}
