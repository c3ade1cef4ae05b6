/** The site shows its login page instead of what was asked for, although the request had a session. */
export class LoginWanted extends Error {
  override readonly name = 'LoginWanted';
}
