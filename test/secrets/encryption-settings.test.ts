import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { keyBytes } from '../../src/secrets/key-bytes.ts';
import { tempDir } from '../support/temp-dir.ts';

const key = randomBytes(32);
const TOKEN = 'a-token-that-nobody-guesses';

function load(encryption: string, env: NodeJS.ProcessEnv = {}) {
  const configFile = join(tempDir('config'), 'rekindle.yaml');
  writeFileSync(configFile, `encryption:\n${encryption}`);
  return loadConfig({ configFile }, env);
}

describe('the section encryption', () => {
  test('is not needed: nothing is encrypted without it', () => {
    expect(loadConfig({}, {}).encryption).toBeNull();
  });

  test('names keys, which nothing prints', () => {
    const config = load("  keys: [{id: new, key: 'env:NEW'}, {id: old, key: 'env:OLD'}]\n", {
      NEW: key.toString('base64'),
      OLD: key.toString('hex'),
    });
    const { encryption } = config;
    expect(encryption?.keys.map(({ id, key: one }) => [id, keyBytes(one.reveal())])).toEqual([
      ['new', key],
      ['old', key],
    ]);
    expect(encryption).toMatchObject({
      acceptPlain: true,
      codecServer: { host: '127.0.0.1', port: 8234, token: null, origins: [] },
    });
    for (const printed of [JSON.stringify(config), inspect(config, { depth: 9 })])
      for (const form of ['base64', 'hex'] as const) expect(printed).not.toContain(key.toString(form));
  });

  test.each(['base64', 'base64url', 'hex'] as const)('takes a key as %s', (form) => {
    expect(keyBytes(key.toString(form))).toEqual(key);
    expect(keyBytes(key.toString(form).toUpperCase())).not.toBeUndefined();
    expect(keyBytes(randomBytes(16).toString(form))).toBeUndefined();
    expect(keyBytes(randomBytes(33).toString(form))).toBeUndefined();
  });

  test('is refused with all its problems at once, each with its place and never with a value', () => {
    const refused = () =>
      load(
        `  keys:
    - {id: short, key: 'env:SHORT'}
    - {id: missing, key: 'env:NOPE'}
    - {id: plain, key: '${key.toString('hex')}'}
    - {id: short, key: 'env:GOOD'}
    - {id: 'no id', key: 'env:GOOD'}
  codec_server: {token: 'env:WEAK', origins: ['https://ui.example.com/path'], port: 0}
  cipher: rot13
`,
        { SHORT: 'c2hvcnQ=', GOOD: key.toString('hex'), WEAK: 'abc' },
      );
    for (const said of [
      /encryption\.keys\.0\.key: key "short": a key is 32 bytes as base64 \(44 characters\) or hex \(64 digits\)/,
      /encryption\.keys\.1\.key: key "missing": the environment variable NOPE is not set/,
      /encryption\.keys\.2\.key: a secret does not stand in this file/,
      /encryption\.keys\.3\.id: short is named twice/,
      /encryption\.keys\.4\.id: an id has letters/,
      /encryption\.codec_server\.token: a token has 16 printable characters or more/,
      /encryption\.codec_server\.origins\.0: is no origin/,
      /encryption\.codec_server\.port: /,
      /encryption: .*cipher/,
    ])
      expect(refused).toThrow(said);
    expect(refused).not.toThrow(new RegExp(`c2hvcnQ=|${key.toString('hex')}`));
  });

  test('without a key is a mistake, not encryption that is off', () => {
    expect(() => load('  keys: []\n')).toThrow(/encryption\.keys: name at least one key/);
    expect(() => load("  codec_server: {token: 'env:TOKEN'}\n", { TOKEN })).toThrow(/encryption\.keys: /);
  });
});
