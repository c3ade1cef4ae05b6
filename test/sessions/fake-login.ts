import { setTimeout as sleep } from 'node:timers/promises';
import { heartbeat } from '@temporalio/activity';
import type { FailureInfo } from '../../src/domain/failure.ts';
import type { LoginInput, LoginResult } from '../../src/domain/login.ts';
import type { Vault } from '../../src/secrets/vault.ts';
import { loggedIn } from '../support/session-site.ts';

/** What a login of the tests does. */
export interface LoginPlan {
  /** What a person has to do first. */
  readonly person?: string;
  readonly failure?: FailureInfo;
}

export interface FakeLogin {
  planLogin(input: LoginInput): Promise<LoginPlan>;
  logIn(input: LoginInput): Promise<LoginResult>;
}

export interface FakeLoginOptions {
  readonly vault: Vault;
  readonly origin: string;
  readonly plan: (input: LoginInput) => LoginPlan;
  readonly lifetimeMs: () => number | null;
  readonly slowMs?: number;
}

export function fakeLogin({ vault, origin, plan, lifetimeMs, slowMs = 0 }: FakeLoginOptions): FakeLogin {
  return {
    planLogin: async (input) => plan(input),
    async logIn(input) {
      for (let waited = 0; waited < slowMs; waited += 200) {
        heartbeat();
        await sleep(200);
      }
      const { site, account } = input;
      const data = await loggedIn(origin, { site, account }, lifetimeMs());
      const { obtainedAtMs, expiresAtMs } = data;
      return {
        site,
        account,
        sealed: vault.sealSession(data),
        obtainedAtMs,
        expiresAtMs,
        totpStep: null,
        retries: 0,
      };
    },
  };
}
