import type { NetworkRules } from '../domain/network-rules.ts';
import { NetworkGuard } from './network-guard.ts';

const ANYWHERE: NetworkRules = { allowPrivate: true, allow: [], deny: [] };

/** Which guard a task's connections pass: tasks of others are let to nothing private by themselves. */
export class NetworkGuards {
  /** Of those who run rekindle; undefined: nothing is forbidden. */
  readonly #own: NetworkGuard | undefined;
  readonly #untrusted: NetworkGuard;

  /** @param rules as configured. @default anywhere */
  constructor(rules: NetworkRules = ANYWHERE) {
    const free = rules.allowPrivate && rules.deny.length === 0;
    this.#own = free ? undefined : new NetworkGuard(rules);
    this.#untrusted = new NetworkGuard({ ...rules, allowPrivate: false });
  }

  /** @returns undefined when the task may connect to anything. */
  for({ untrusted = false }: { readonly untrusted?: boolean }): NetworkGuard | undefined {
    return untrusted ? this.#untrusted : this.#own;
  }
}
