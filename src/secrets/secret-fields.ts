/** Fields whose text is a secret, whatever they belong to; compared without case, `_` and `-`. */
const SECRET_FIELDS = new Set([
  'password',
  'passwd',
  'pwd',
  'passphrase',
  'passcode',
  'pin',
  'secret',
  'clientsecret',
  'token',
  'accesstoken',
  'refreshtoken',
  'authtoken',
  'bearer',
  'apikey',
  'privatekey',
  'totp',
  'totpsecret',
  'otp',
  'authorization',
  'proxyauthorization',
  'cookie',
  'cookies',
  'setcookie',
]);

/** Whether a field of this name holds a secret. */
export function isSecretField(name: string): boolean {
  return SECRET_FIELDS.has(name.toLowerCase().replaceAll(/[_-]/g, ''));
}
