import { chmodSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { loadExtensions } from '../../src/extensions.ts';
import { referenceReader } from '../../src/secrets/references.ts';
import { refuseSecrets } from '../../src/secrets/refuse-secrets.ts';
import { createSecretResolver } from '../../src/secrets/resolver.ts';
import { tempDir } from '../support/temp-dir.ts';

const VALUE = 'correct horse battery staple';

function places() {
  const base = tempDir('secrets');
  const file = join(base, 'password');
  writeFileSync(file, `${VALUE}\n`, { mode: 0o600 });
  return { base, file, read: referenceReader({ base, env: { PASSWORD: VALUE, EMPTY: '' } }) };
}

describe('a reference', () => {
  test('is read from the environment, and from a file without its line end', () => {
    const { read, file } = places();
    expect(read('env', 'PASSWORD')).toBe(VALUE);
    expect(read('file', 'password')).toBe(VALUE);
    expect(read('file', file)).toBe(VALUE);
  });

  test('to nothing says what is missing', () => {
    const { read } = places();
    expect(() => read('env', 'EMPTY')).toThrow('the environment variable EMPTY is not set');
    expect(() => read('file', 'missing')).toThrow(/missing cannot be read: ENOENT/);
  });

  test.each([0o640, 0o604, 0o660, 0o777, 0o610])(
    'to a file of mode %o is refused, with what to do',
    (mode) => {
      const { read, file } = places();
      chmodSync(file, mode);
      const octal = mode.toString(8);
      expect(() => read('file', 'password')).toThrow(
        `${file} can be read by other users (mode ${octal}); let only its owner read it: chmod 600 ${file}`,
      );
    },
  );

  test('to what is no file, or too large for a secret, is refused', () => {
    const { read, base } = places();
    mkdirSync(join(base, 'directory'), { mode: 0o700 });
    writeFileSync(join(base, 'large'), Buffer.alloc(65 * 1024), { mode: 0o600 });
    expect(() => read('file', 'directory')).toThrow(/is no file/);
    expect(() => read('file', 'large')).toThrow(/larger than 64 KiB/);
  });
});

describe('the resolver of activities', () => {
  const resolver = (providers = {}) => createSecretResolver({ read: places().read, providers });

  test('gives secrets that nothing prints', async () => {
    for (const reference of ['env:PASSWORD', 'file:password']) {
      const secret = await resolver()(reference);
      expect(secret.reveal()).toBe(VALUE);
      expect([`${secret}`, JSON.stringify({ secret }), inspect({ secret })].join()).not.toContain(VALUE);
    }
  });

  test('asks the providers of extensions', async () => {
    const vault = async (name: string) => (name === 'db/password' ? VALUE : '');
    const resolve = resolver({ vault });
    expect((await resolve('vault:db/password')).reveal()).toBe(VALUE);
    await expect(resolve('vault:other')).rejects.toMatchObject({
      code: 'SECRET_UNREADABLE',
      message: 'the provider vault has no secret other',
    });
    const down = resolver({
      vault: async () => {
        throw new Error('connect ECONNREFUSED 10.0.0.1:8200');
      },
    });
    await expect(down('vault:x')).rejects.toThrow(
      'the secret vault:x could not be fetched: connect ECONNREFUSED 10.0.0.1:8200',
    );
  });

  test('does not wait for a provider when the step is cancelled', async () => {
    const cancelled = new AbortController();
    const asked = resolver({ vault: () => new Promise<never>(() => undefined) })('vault:x', cancelled.signal);
    cancelled.abort(new Error('the step was cancelled'));
    await expect(asked).rejects.toThrow(/the step was cancelled/);
  });

  test('repeats nothing of what is no reference: it may be the secret', async () => {
    for (const text of ['hunter2', 'hunter2:x', 'toString:x', ':', '']) {
      const error = await resolver()(text).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'SECRET_UNREADABLE' });
      expect(inspect(error)).not.toContain('hunter2');
    }
  });
});

describe('secrets in the input of a workflow', () => {
  test('are refused in every field that is known to hold them, without their values', () => {
    const input = {
      site: 'example',
      credentials: { user: 'ann', password: 'hunter2', totp: 'JBSWY3DP', 'api-key': 12345 },
      more: [{ Access_Token: 'hunter2' }, { headers: { Cookie: 'sid=hunter2' } }],
      secret: { nested: 'hunter2' },
    };
    const refuse = () => refuseSecrets(input);
    expect(refuse).toThrow(
      'credentials.password, credentials.totp, credentials.api-key, more.0.Access_Token, more.1.headers.Cookie, secret.nested: a secret must not stand in the input of a task',
    );
    expect(refuse).not.toThrow(/hunter2|JBSWY|12345/);
  });

  test('are taken as references of a kind that is known', () => {
    const input = { password: 'env:PASSWORD', totp: 'file:/run/totp', token: null, cookies: [] };
    refuseSecrets(input);
    refuseSecrets({ password: 'vault:x' }, ['env', 'vault']);
    for (const password of ['vault:x', 'env:', ':x', 'environment'])
      expect(() => refuseSecrets({ password })).toThrow(/^password: /);
  });
});

test('providers come with extensions, under names that mean nothing else', async () => {
  const dataDir = tempDir('extensions');
  writeFileSync(join(dataDir, 'rekindle.yaml'), 'extensions: [./own.mjs]\n');
  writeFileSync(join(dataDir, 'own.mjs'), `export default { secrets: { vault: async (name) => name } };`);
  const { secrets } = await loadExtensions(loadConfig({ dataDir }, {}));
  expect(await createSecretResolver({ read: places().read, providers: secrets })('vault:x')).toMatchObject(
    {},
  );
  const wrong = tempDir('extensions');
  writeFileSync(join(wrong, 'rekindle.yaml'), 'extensions: [./own.mjs]\n');
  writeFileSync(
    join(wrong, 'own.mjs'),
    `export default { secrets: { env: () => '', Vault: () => '', x: 1 } };`,
  );
  await expect(loadExtensions(loadConfig({ dataDir: wrong }, {}))).rejects.toThrow(
    /secrets\.x is not what it has to be[\s\S]*secrets\.env: this name has a meaning[\s\S]*secrets\.Vault: a name is/,
  );
});

test('only processes with activities make a resolver, and only activities get it', () => {
  const makers = globSync('src/**/*.ts').filter((file) =>
    /(?<!function )\bcreateSecretResolver\(\{/.test(readFileSync(file, 'utf8')),
  );
  for (const file of makers)
    expect(file).toMatch(/^src\/(?:worker(?:-steps)?|caretaker|activities\/.+)\.ts$/);
});
