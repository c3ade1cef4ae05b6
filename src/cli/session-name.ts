import { RekindleError } from '../domain/error-codes.ts';
import { parseSessionName, type SessionName } from '../domain/session.ts';

/** The session that an argument names. @throws {RekindleError} INVALID_INPUT */
export function sessionNameOf(text: string): SessionName {
  const name = parseSessionName(text);
  if (name) return name;
  throw new RekindleError('INVALID_INPUT', `"${text}" names no session`, {
    hint: 'Write SITE/ACCOUNT, or SITE for its account "default".',
  });
}
