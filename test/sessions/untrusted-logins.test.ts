/** Whose a login is that a session needs: of those who run rekindle, or of others, who may not connect where they like. */
import { describe, expect, test } from 'vitest';
import { failureOfCode } from '../../src/domain/failure-of-code.ts';
import type { LoginResult } from '../../src/domain/login.ts';
import type { CarriedSession } from '../../src/domain/session.ts';
import { SessionBook } from '../../src/workflows/session-book.ts';

const NAME = { site: 'school', account: 'default' };
const OURS = { minValidMs: 0, waitMs: 0 };
const THEIRS = { ...OURS, untrusted: true };
const FORBIDDEN = failureOfCode('ADDRESS_FORBIDDEN', 'not there', null);
const T0 = 1_000_000;

const book = (carried?: CarriedSession) => new SessionBook(NAME, carried, T0);

function need(one: SessionBook, request: typeof OURS & { untrusted?: boolean }, now = T0): void {
  one.ask(request, now);
  one.wantLogin(request.untrusted);
}

const result = (obtainedAtMs: number): LoginResult => ({
  ...NAME,
  sealed: { keyId: 'k', sealed: 's' },
  obtainedAtMs,
  expiresAtMs: obtainedAtMs + 100_000,
  totpStep: null,
  retries: 0,
});

describe('a login', () => {
  test('is for others when only they want it', () => {
    const one = book();
    need(one, THEIRS);
    one.loginBegins('login');
    expect(one.loginUntrusted).toBe(true);
  });

  test('is ours as soon as one of our tasks wants it, whoever came first', () => {
    for (const [first, second] of [
      [THEIRS, OURS],
      [OURS, THEIRS],
    ] as const) {
      const one = book();
      need(one, first);
      need(one, second);
      one.loginBegins('login');
      expect(one.loginUntrusted).toBe(false);
    }
  });

  test('that is wanted stays theirs in the next run of the session', () => {
    const one = book();
    need(one, THEIRS);
    const next = book(one.handOver());
    next.loginBegins('login');
    expect(next.loginUntrusted).toBe(true);
  });

  test('ahead of the end is theirs when nobody else has used the session since the last one', () => {
    const renewed = (uses: readonly (typeof OURS)[]): boolean => {
      const one = book();
      need(one, OURS);
      one.loginBegins('login');
      one.loginSucceeded(result(T0 + 10), T0 + 10);
      for (const use of uses) one.ask(use, T0 + 50);
      one.renew(T0 + 90_000);
      expect(one.loginWanted).toBe(true);
      one.loginBegins('login');
      return one.loginUntrusted;
    };
    expect([renewed([THEIRS]), renewed([OURS, THEIRS]), renewed([OURS])]).toEqual([true, false, false]);
  });
});

describe('a login for others that may not connect to the site', () => {
  function failed(): SessionBook {
    const one = book();
    need(one, THEIRS);
    one.loginBegins('login');
    one.loginFailed(FORBIDDEN, T0);
    return one;
  }

  test('fails them, now and later', () => {
    const one = failed();
    expect(one.answer(THEIRS, 0, T0)).toMatchObject({ state: 'failed', failure: FORBIDDEN });
    expect(one.answer(THEIRS, 1, T0 + 60_000)).toMatchObject({ state: 'failed', failure: FORBIDDEN });
  });

  test('does not keep us from logging in ourselves', () => {
    const one = failed();
    expect(one.answer(OURS, 0, T0)).toBeNull();
    need(one, OURS);
    one.loginBegins('login');
    expect(one.loginUntrusted).toBe(false);
    one.loginFailed(FORBIDDEN, T0);
    expect(one.answer(OURS, 0, T0)).toMatchObject({ state: 'failed' });
  });
});
