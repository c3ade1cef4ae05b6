import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LockClaim } from '../../src/domain/resource-lock.ts';
import { LockLine } from '../../src/workflows/lock-line.ts';

const claim = (id: string, leaseMs = 15_000): LockClaim => ({
  id,
  leaseMs,
  owner: { pid: 1, host: 'h', purpose: id },
});

test('the lock goes down the line, and who waited comes for it within 5 s', () => {
  const line = new LockLine({ name: 'x' });
  expect(line.claim(claim('a'), 1000, 0)).toBe(true);
  expect(line.heldUntil()).toBe(15_000);
  expect(line.claim(claim('b'), 10_000, 10)).toBe(false);
  expect(line.claim(claim('c'), 10_000, 20)).toBe(false);
  line.leave('a', 100);
  expect([line.has('b'), line.heldUntil()]).toEqual([true, 5100]);
  expect(line.claim(claim('b'), 0, 200)).toBe(true);
  expect(line.heldUntil()).toBe(15_200);
  line.leave('b', 300);
  line.settle(5300);
  expect(line.has('c')).toBe(false);
  expect(line.isFree()).toBe(true);
});

test('asking again keeps the place in the line', () => {
  const line = new LockLine({ name: 'x' });
  line.claim(claim('a', 60_000), 0, 0);
  line.claim(claim('b'), 1000, 0);
  line.claim(claim('c'), 1000, 1);
  line.claim(claim('b'), 1000, 5000);
  line.claim(claim('c'), 1000, 5001);
  line.leave('a', 6500);
  expect(line.has('b')).toBe(true);
});

test('who does not ask again loses its place, whose lease is over the lock', () => {
  const line = new LockLine({ name: 'x' });
  line.claim(claim('a'), 0, 0);
  line.claim(claim('b'), 1000, 0);
  line.settle(6000);
  expect(line.wants('b')).toBe(false);
  line.settle(15_000);
  expect(line.has('a')).toBe(false);
});

test('a next run knows what the one before it knew', () => {
  const line = new LockLine({ name: 'x' });
  line.claim(claim('a'), 0, 0);
  line.claim(claim('b'), 1000, 0);
  const next = new LockLine({ name: 'x', ...JSON.parse(JSON.stringify(line.handOver())) });
  expect(next.view()).toEqual(line.view());
  expect(next.details()).toBe(line.details());
});

test('whatever happens, nobody gets it before its holder gave it back or its lease was over, and in order', () => {
  const step = fc.record({
    who: fc.integer({ min: 0, max: 4 }),
    what: fc.constantFrom('claim', 'claim', 'renew', 'leave', 'wait'),
    pause: fc.integer({ min: 0, max: 4000 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const line = new LockLine({ name: 'x' });
      const all = ['0', '1', '2', '3', '4'];
      const turns = new Map<string, number>();
      let now = 0;
      let before: { id: string; untilMs: number } | undefined;
      /** @param leaves who gives the lock back in this moment. */
      const look = (leaves: string | null): void => {
        const has = all.find((one) => line.has(one));
        if (before && has !== before.id) expect(before.untilMs <= now || leaves === before.id).toBe(true);
        if (has && has !== before?.id) {
          for (const one of all.filter((other) => line.wants(other)))
            expect(turns.get(one)).toBeGreaterThan(turns.get(has) ?? -1);
        }
        before = has ? { id: has, untilMs: line.heldUntil() } : undefined;
      };
      for (const [turn, { who, what, pause }] of steps.entries()) {
        now += pause;
        line.settle(now);
        look(null);
        const id = String(who);
        if (what === 'claim') {
          if (!line.wants(id) && !line.has(id)) turns.set(id, turn);
          line.claim(claim(id, 4000), 1000, now);
        } else if (what === 'renew') line.renew(id, now);
        else if (what === 'leave') line.leave(id, now);
        look(what === 'leave' ? id : null);
      }
    }),
  );
});
