import { inspect } from 'node:util';

const SHOWN = '[secret]';

/** A password, key or token in the configuration: whatever prints it, logs it or makes JSON of it shows `[secret]`. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself, for whoever signs or logs in with it. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return SHOWN;
  }

  toJSON(): string {
    return SHOWN;
  }

  [inspect.custom](): string {
    return SHOWN;
  }
}

/** Shorter ones would be found in any text. */
const SHORTEST = 4;

/** Text that came from outside, with every one of these secrets taken out, as it is and as URLs carry it. */
export function withoutSecrets(text: string, secrets: readonly (Secret | string)[]): string {
  let clean = text;
  for (const secret of secrets) {
    const value = typeof secret === 'string' ? secret : secret.reveal();
    if (value.length < SHORTEST) continue;
    for (const form of new Set([value, encodeURIComponent(value)])) clean = clean.replaceAll(form, '***');
  }
  return clean;
}
