import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { missingEntries } from '../../scripts/complete-lock.ts';

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as Parameters<typeof missingEntries>[0];

describe('the lock file', () => {
  it('has an entry for every optional package, so that npm ci accepts it (npm run lock adds them)', () => {
    expect([...missingEntries(lock).keys()]).toEqual([]);
  });

  it('names no download address', () => {
    expect(Object.entries(lock.packages).filter(([, entry]) => 'resolved' in entry)).toEqual([]);
  });

  it('is noticed when an optional package has no entry', () => {
    const broken = {
      packages: {
        'node_modules/tool': { dev: true, optionalDependencies: { '@tool/linux-x64-musl': '1.2.3' } },
      },
    };
    expect(missingEntries(broken).get('node_modules/@tool/linux-x64-musl')).toEqual({
      version: '1.2.3',
      dev: true,
      optional: true,
      os: ['linux'],
      cpu: ['x64'],
      libc: ['musl'],
    });
  });
});
