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

/** User, password and one-time code in one form: the admin of django-otp. */
export const otpAdminSite = (url: string) => ({
  kind: 'form',
  page: `${url}/otp/login/`,
  // The second device that was made is that of `quick`.
  submit: { code: 'otp_token', fields: { otp_device: 'otp_totp.totpdevice/2' } },
  verify: { url: `${url}/otp/`, success: { text: 'Site administration' } },
  failure: { locked: { status: 429 } },
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

/** A page whose form, login and greeting are made by scripts; it keeps its token in the browser's storage. */
export const scriptSite = (url: string) => ({
  kind: 'browser',
  page: `${url}/app/`,
  submit: { user: 'mail', password: '#app input[type=password]' },
  tokens: [
    { source: { from: 'storage', name: 'token' }, send: { header: 'Authorization', prefix: 'Bearer ' } },
  ],
  verify: { url: `${url}/app/`, success: { text: 'Hello' } },
  failure: { refused: { text: 'No such account' } },
  session: { lifetime: { token: 'jwt' } },
});
