import { RekindleError } from '../../domain/error-codes.ts';
import type { LoginInput } from '../../domain/login.ts';
import { type CredentialReferences, sessionText } from '../../domain/session.ts';
import type { SecretResolver } from '../../secrets/resolver.ts';
import type { SiteDescription } from '../../sites/index.ts';

/** What an account logs in with. In the memory of activities only. */
export interface AccountSecrets {
  readonly user: string;
  readonly password: string;
  /** Secret of one-time codes. */
  readonly totp: string | null;
}

/**
 * Where the secrets of a login stand: as its input says, else as the site's description says.
 * @throws {RekindleError} SECRET_UNREADABLE when neither says it.
 */
export function referencesFor(
  { credentials, ...name }: LoginInput,
  site: SiteDescription,
): CredentialReferences {
  const known =
    credentials ?? (Object.hasOwn(site.accounts, name.account) ? site.accounts[name.account] : undefined);
  if (!known) {
    throw new RekindleError(
      'SECRET_UNREADABLE',
      `nobody says where the password of ${sessionText(name)} stands`,
      {
        hint: `Give references (--user, --password), or describe the account under accounts.${name.account} of the site.`,
      },
    );
  }
  const { user, password, totp } = known;
  return { user, password, ...(totp === undefined ? {} : { totp }) };
}

/** Fetches them. @throws {RekindleError} SECRET_UNREADABLE */
export async function fetchSecrets(
  { user, password, totp }: CredentialReferences,
  resolve: SecretResolver,
  signal: AbortSignal,
): Promise<AccountSecrets> {
  const one = async (reference: string) => (await resolve(reference, signal)).reveal();
  return {
    user: IS_REFERENCE.test(user) ? await one(user) : user,
    password: await one(password),
    totp: totp === undefined ? null : await one(totp),
  };
}

/** Only the user's name may stand for itself; it may have a colon, but not begin like these. An address is a name. */
const IS_REFERENCE = /^(?:(?:env|file):.|[a-z][a-z0-9-]{2,30}:[^/])/s;
