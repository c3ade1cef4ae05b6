import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findSite, loadSites } from '../../src/sites/index.ts';
import { tempDir } from '../support/temp-dir.ts';

function sites(files: Record<string, string>): string {
  const dir = tempDir('sites');
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
  return dir;
}

const GOOD = `
kind: form
page: https://shop.example/login
verify: {url: https://api.shop.example/me, success: {status: 200, json: user}}
accounts: {default: {user: anna, password: env:SHOP_PASSWORD}}
`;

describe('descriptions of sites', () => {
  test('a short one is completed: name from the file, origins from its addresses', () => {
    const site = findSite(sites({ 'shop.yaml': GOOD }), 'shop');
    expect(site).toMatchObject({
      name: 'shop',
      origins: ['https://shop.example', 'https://api.shop.example'],
      trusted: ['https://shop.example'],
      submit: { user: 'username', password: 'password' },
      timeout: 30,
    });
  });

  test('all problems of all files are told at once, each with its file and key', () => {
    const dir = sites({
      'a.yaml': 'kind: magic\npage: ftp://x\nverify: {url: nowhere, success: []}\n',
      'b.yaml':
        'kind: json\nverify: {url: https://b.example/me, success: {equals: 1}}\naccounts: {me: {user: x, password: hunter2}}\n',
      'c.yml': 'kind: form\n  bad: [yaml\n',
      'd.yaml': `${GOOD}\nunknown: 1\nsubmit: {csrf: {source: {from: cookie, name: x}}}\n`,
      'shop.yaml': GOOD,
      'again.yaml': `name: shop\n${GOOD}`,
    });
    const { sites: good, problems } = loadSites(dir);
    expect([...good.keys()]).toEqual(['shop']);
    const keys = problems.map((problem) =>
      problem
        .slice(dir.length + 1)
        .split(': ')
        .slice(0, 2)
        .join(': '),
    );
    expect(keys).toEqual(
      expect.arrayContaining([
        'a.yaml: kind',
        'a.yaml: page',
        'a.yaml: verify.url',
        'a.yaml: verify.success',
        'b.yaml: accounts.me.password',
        'b.yaml: verify.success',
        'd.yaml: top level',
        'd.yaml: submit.csrf',
        'shop.yaml: name',
      ]),
    );
    expect(problems.some((problem) => problem.startsWith(join(dir, 'c.yml: ')))).toBe(true);
    expect(problems.join()).not.toContain('hunter2');
  });

  test('what a kind needs is asked for', () => {
    const dir = sites({
      'f.yaml': 'kind: form\nverify: {url: https://f.example/, success: {status: 200}}\n',
      'j.yaml': 'kind: json\nverify: {url: https://j.example/, success: {status: 200}}\n',
    });
    expect(() => findSite(dir, 'f')).toThrow(/page: is needed by the kind form/);
    expect(() => findSite(dir, 'j')).toThrow(/submit\.url[\s\S]*submit\.json/);
  });

  test('mistakes in one description do not disturb the others; an unknown site says which there are', () => {
    const dir = sites({
      'shop.yaml': GOOD,
      'bad.yaml': 'kind: magic\n',
      '.hidden.yaml': 'x',
      'notes.txt': 'x',
    });
    mkdirSync(join(dir, 'more.yaml'));
    expect(findSite(dir, 'shop').name).toBe('shop');
    expect(() => findSite(dir, 'bad')).toThrow(/has mistakes/);
    expect(() => findSite(dir, 'else')).toThrow(/no description of the site else/);
    expect(loadSites(join(dir, 'missing'))).toEqual({ sites: new Map(), problems: [] });
  });
});

test('the examples have no mistakes', () => {
  const { sites: examples, problems } = loadSites('examples/sites');
  expect(problems).toEqual([]);
  expect([...examples.keys()]).toEqual(['courses-api', 'portal', 'school']);
});
