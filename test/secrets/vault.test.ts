import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { isRekindleError } from '../../src/domain/error-codes.ts';
import type { SessionData } from '../../src/domain/session.ts';
import { Secret } from '../../src/secrets/secret.ts';
import { openVault, Vault } from '../../src/secrets/vault.ts';
import { tempDir } from '../support/temp-dir.ts';

const keyOf = (id: string) => ({ id, key: new Secret(randomBytes(32).toString('base64')) });
const [first, second] = [keyOf('2026-01'), keyOf('2026-02')];
const name = { site: 'shop', account: 'anna' };
const session: SessionData = {
  name,
  cookies: [{ key: 'sid', value: 'planted-cookie', domain: 'shop.example' }],
  headers: { authorization: 'Bearer planted-token' },
  query: {},
  origins: ['https://shop.example'],
  loginPages: ['https://shop.example/login'],
  obtainedAtMs: 1,
  expiresAtMs: null,
};

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (isRekindleError(error)) return error.code;
    throw error;
  }
  return 'nothing was thrown';
}

describe('a vault', () => {
  const vault = new Vault(() => [first]);

  test('gives back what it sealed, and shows nothing of it', () => {
    const sealed = vault.sealSession(session);
    expect(vault.unsealSession(name, sealed)).toEqual(session);
    expect(sealed.keyId).toBe('2026-01');
    for (const text of [sealed.sealed, Buffer.from(sealed.sealed, 'base64').toString('latin1')])
      expect(text).not.toContain('planted');
  });

  test('never seals the same to the same', () => {
    expect(vault.sealSession(session).sealed).not.toBe(vault.sealSession(session).sealed);
  });

  test('opens nothing for another account, another purpose, or after it was changed', () => {
    const sealed = vault.sealSession(session);
    expect(codeOf(() => vault.unsealSession({ ...name, account: 'ben' }, sealed))).toBe('SECRET_UNREADABLE');
    expect(codeOf(() => vault.unsealForLogin(name, sealed))).toBe('SECRET_UNREADABLE');
    const bytes = Buffer.from(sealed.sealed, 'base64');
    for (const at of [0, 12, bytes.length - 1]) {
      const altered = Buffer.from(bytes);
      altered[at] = (altered[at] ?? 0) ^ 1;
      const changed = { ...sealed, sealed: altered.toString('base64') };
      expect(codeOf(() => vault.unsealSession(name, changed))).toBe('SECRET_UNREADABLE');
    }
    for (const text of ['', 'AAAA', '%%%'])
      expect(codeOf(() => vault.unsealSession(name, { ...sealed, sealed: text }))).toBe('SECRET_UNREADABLE');
  });

  test('after a change of keys seals with the new one and opens what the old one sealed', () => {
    const old = vault.sealSession(session);
    const rotated = new Vault(() => [second, first]);
    expect(rotated.sealSession(session).keyId).toBe('2026-02');
    expect(rotated.unsealSession(name, old)).toEqual(session);
    expect(codeOf(() => new Vault(() => [second]).unsealSession(name, old))).toBe('SECRET_UNREADABLE');
  });
});

describe('without configured keys', () => {
  const options = (dataDir: string) => ({ keys: [], dataDir, create: true });

  test('a worker makes a key for its data directory, once, for its owner alone', () => {
    const dataDir = tempDir('vault');
    const file = join(dataDir, 'keys', 'session.key');
    const vault = openVault(options(dataDir));
    expect(existsSync(file)).toBe(false);
    const sealed = vault.sealSession(session);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(join(dataDir, 'keys')).mode & 0o777).toBe(0o700);
    const made = readFileSync(file, 'utf8');
    expect(openVault(options(dataDir)).unsealSession(name, sealed)).toEqual(session);
    expect(readFileSync(file, 'utf8')).toBe(made);
  });

  test('a client makes none: it says what is missing', () => {
    const dataDir = tempDir('vault');
    const vault = openVault({ ...options(dataDir), create: false });
    expect(codeOf(() => vault.sealSession(session))).toBe('SECRET_UNREADABLE');
    expect(existsSync(join(dataDir, 'keys'))).toBe(false);
  });

  test('what a lost key sealed is known to be lost', () => {
    const dataDir = tempDir('vault');
    const sealed = openVault(options(dataDir)).sealSession(session);
    const other = { mode: 0o600 };
    writeFileSync(join(dataDir, 'keys', 'session.key'), randomBytes(32).toString('base64'), other);
    expect(() => openVault(options(dataDir)).unsealSession(name, sealed)).toThrow(/which is not here/);
    writeFileSync(join(dataDir, 'keys', 'session.key'), 'no key');
    expect(codeOf(() => openVault(options(dataDir)).sealSession(session))).toBe('SECRET_UNREADABLE');
  });

  test.each([0o640, 0o604, 0o666])('a key that others may read (mode %o) is not used', (mode) => {
    const dataDir = tempDir('vault');
    const sealed = openVault(options(dataDir)).sealSession(session);
    const file = join(dataDir, 'keys', 'session.key');
    chmodSync(file, mode);
    for (const create of [true, false]) {
      const vault = openVault({ ...options(dataDir), create });
      expect(() => vault.unsealSession(name, sealed)).toThrow(
        `the key file ${file} can be read by other users (mode ${mode.toString(8)}); let only its owner read it: chmod 600 ${file}`,
      );
    }
    chmodSync(file, 0o400);
    expect(openVault(options(dataDir)).unsealSession(name, sealed)).toEqual(session);
  });

  test('keys that are configured later seal, and the made one still opens', () => {
    const dataDir = tempDir('vault');
    const old = openVault(options(dataDir)).sealSession(session);
    const vault = openVault({ ...options(dataDir), keys: [first] });
    expect(vault.sealSession(session).keyId).toBe('2026-01');
    expect(vault.unsealSession(name, old)).toEqual(session);
  });
});

test('every problem with the keys of sessions is told at once', () => {
  const dir = tempDir('vault');
  writeFileSync(join(dir, 'short'), 'abc', { mode: 0o600 });
  writeFileSync(
    join(dir, 'rekindle.yaml'),
    'sessions:\n  keys:\n    - {id: a, key: plain}\n    - {id: b, key: "env:NOT_SET"}\n    - {id: b, key: "file:short"}\n',
  );
  const problems = () => loadConfig({ dataDir: dir, configFile: join(dir, 'rekindle.yaml') }, {});
  for (const text of ['sessions.keys.0.key', 'NOT_SET', 'sessions.keys.2.id', 'sessions.keys.2.key'])
    expect(problems).toThrow(text);
});
