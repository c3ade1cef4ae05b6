import { RekindleError } from '../domain/error-codes.ts';
import {
  DEFAULT_ACCOUNT,
  type LoginRequest as LoginOrder,
  parseSessionName,
  type SessionName,
} from '../domain/session.ts';
import { PROVIDER_NAME } from '../secrets/resolver.ts';

const SECRETS_AS = 'Give secrets as env:NAME or file:PATH; nothing was started.';
const BOTH_OR_NONE =
  'Give both; or neither of them when the site’s description says under `accounts` where they stand. Nothing was started.';

/** A login that a user asks for. */
export interface LoginRequest {
  /** Name of the site's description. */
  readonly site: string;
  /** @default default */
  readonly account?: string;
  /** Name of the user, or where it stands: `env:NAME`, `file:PATH`, a provider's. */
  readonly user?: string;
  /** Where the password stands: `env:NAME`, `file:PATH`, a provider's. The password itself is refused. */
  readonly password?: string;
  /** Where the secret of one-time codes stands. */
  readonly totp?: string;
  /**
   * Whether somebody asks for it who may not reach what this machine can: private addresses are refused unless
   * `network.allow` names them, and where secrets stand is not theirs to say. @default false
   */
  readonly untrusted?: boolean;
}

/** What a request means. */
export interface CheckedLogin {
  readonly name: SessionName;
  /** As the session's workflow is asked; without credentials: as it remembers, or as the site's description says. */
  readonly order: LoginOrder;
}

/**
 * Validates a request. A secret in it is refused before anything of it goes anywhere.
 * @throws {RekindleError} INVALID_INPUT, naming every field that is wrong, never its value.
 */
export function checkLogin({
  site,
  account = DEFAULT_ACCOUNT,
  user,
  password,
  totp,
  untrusted = false,
}: LoginRequest): CheckedLogin {
  const problems: string[] = [];
  const name = parseSessionName(`${site}/${account}`);
  if (!name) problems.push('site and account have letters, digits, _ . @ + - only');
  for (const [field, value] of [
    ['password', password],
    ['totp', totp],
  ] as const) {
    if (value !== undefined && !isReference(value))
      problems.push(`${field}: a secret must not stand here; say where it stands`);
  }
  const isHalf = (user === undefined) !== (password === undefined);
  if (isHalf) problems.push('user and password go together');
  if (totp !== undefined && password === undefined) problems.push('totp goes with user and password');
  if (untrusted && (user ?? password ?? totp) !== undefined)
    problems.push('user, password and totp are read where the worker runs, which is not for others to say');
  if (problems.length > 0 || !name) {
    throw new RekindleError('INVALID_INPUT', problems.join('; '), {
      hint: isHalf && problems.length === 1 ? BOTH_OR_NONE : SECRETS_AS,
    });
  }
  if (user === undefined || password === undefined) return { name, order: untrusted ? { untrusted } : {} };
  return { name, order: { credentials: { user, password, ...(totp === undefined ? {} : { totp }) } } };
}

function isReference(text: string): boolean {
  const colon = text.indexOf(':');
  return colon > 0 && colon < text.length - 1 && PROVIDER_NAME.test(text.slice(0, colon));
}
