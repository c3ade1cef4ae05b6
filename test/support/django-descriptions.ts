/** Descriptions of the logins of {@link DjangoSite}, as a user would write them in YAML. */

/** Its admin: a form with CSRF. */
export const adminSite = (url: string) => ({
  kind: 'form',
  page: `${url}/admin/login/`,
  submit: { user: 'username', password: 'password' },
  verify: { url: `${url}/admin/`, success: { text: 'Site administration' } },
  failure: {
    refused: { text: 'Please enter the correct username and password' },
    locked: { status: 429, text: 'Account locked' },
  },
  session: { lifetime: { cookie: 'sessionid' } },
});

/** Password first, one-time code on a page of its own. */
export const twoFactorSite = (url: string) => ({
  kind: 'form',
  page: `${url}/account/login/`,
  submit: { user: 'auth-username', password: 'auth-password' },
  challenge: { when: { selector: 'input[name="token-otp_token"]' }, field: 'token-otp_token' },
  verify: { url: `${url}/lessons/`, success: { text: 'Lessons of' } },
  failure: { refused: { text: 'Please enter a correct username and password' }, locked: { status: 429 } },
});

/** Tokens by JSON. */
export const apiSite = (url: string) => ({
  kind: 'json',
  submit: {
    url: `${url}/api/token/`,
    json: { username: '{{user}}', password: '{{password}}' },
  },
  tokens: [
    { source: { from: 'json', path: 'access' }, send: { header: 'Authorization', prefix: 'Bearer ' } },
  ],
  verify: { url: `${url}/api/me/`, success: { status: 200, json: 'user.name' } },
  failure: { refused: { status: 401, text: 'No active account' } },
  session: { lifetime: { token: 'jwt' } },
});
