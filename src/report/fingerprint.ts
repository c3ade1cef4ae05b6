import { hash } from 'node:crypto';
import { templateOf } from './template.ts';

/** Hex digits of a fingerprint: 64 bits keep the chance that two of a million templates meet below 1 in 10 million. */
const DIGITS = 16;

/** What a failure's message is grouped by. */
export interface Fingerprint {
  /** The same for messages that differ in their values only; the same in every version and process. */
  readonly fingerprint: string;
  /** The message with its values masked, for people. */
  readonly template: string;
  /** The first host that the message names. */
  readonly host: string | undefined;
}

/** Groups a message: its template and a stable short name of it (the first digits of the template's SHA-1). */
export function fingerprintOf(message: string): Fingerprint {
  const { template, host } = templateOf(message);
  return { fingerprint: nameOf(template), template, host };
}

/** The fingerprint of a template. */
export function nameOf(template: string): string {
  return hash('sha1', template).slice(0, DIGITS);
}
