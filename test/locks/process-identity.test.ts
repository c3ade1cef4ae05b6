import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import {
  identityOf,
  isAlive,
  isForeign,
  type ProcessIdentity,
  parseIdentity,
} from '../../src/locks/process-identity.ts';

test('this process is alive', () => {
  const identity = identityOf();
  expect(identity?.pid).toBe(process.pid);
  expect(identity && isAlive(identity)).toBe(true);
});

test('a process that ended is not alive', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  const identity = identityOf(child.pid);
  expect(identity && isAlive(identity)).toBe(true);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(identity && isAlive(identity)).toBe(false);
  expect(identityOf(child.pid)).toBeNull();
});

test('another process that got the same PID is not taken for the first one', () => {
  const identity = identityOf();
  if (!identity?.startedAt) return;
  expect(isAlive({ ...identity, startedAt: `${identity.startedAt}1` })).toBe(false);
  expect(isAlive({ ...identity, bootId: 'another boot' })).toBe(false);
});

test('a process of another container cannot be looked at: it counts as alive until the machine restarts', () => {
  const identity = {
    ...identityOf(),
    pid: 2 ** 22 + 1,
    pidNamespace: 'pid:[1]',
    host: 'another',
  } as ProcessIdentity;
  expect([isForeign(identity), isAlive(identity)]).toEqual([true, true]);
  expect(isAlive({ ...identity, bootId: 'another boot' })).toBe(false);
});

test('a process of an earlier run of this container ended with it, also when its number is in use again', () => {
  const earlier = { ...identityOf(), pidNamespace: 'pid:[1]' } as ProcessIdentity;
  expect([isForeign(earlier), isAlive(earlier)]).toEqual([false, false]);
});

test('an identity that an older rekindle wrote counts as one of here', () => {
  const { pid, startedAt, bootId } = identityOf() as ProcessIdentity;
  const old = parseIdentity({ pid, startedAt, bootId });
  expect(old && [isForeign(old), isAlive(old)]).toEqual([false, true]);
});

test('an identity survives JSON, and what is none is refused', () => {
  const identity = identityOf();
  expect(parseIdentity(JSON.parse(JSON.stringify(identity)))).toEqual(identity);
  for (const rubbish of [null, 7, 'x', [], {}, { pid: '12' }, { pid: -1 }, { pid: 0 }, { pid: 1.5 }])
    expect(parseIdentity(rubbish)).toBeNull();
});
