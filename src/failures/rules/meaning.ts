import { type BuiltInCategory, RETRY_TYPE_OF_CATEGORY } from '../../domain/category.ts';
import type { RetryErrorType } from '../../domain/retry-policy.ts';

/** The categories by the short names that the rule tables use. */
export const CATEGORY = {
  network: 'recoverable_network',
  system: 'recoverable_system',
  temporary: 'recoverable_temporary',
  data: 'unrecoverable_data',
  config: 'unrecoverable_config',
  business: 'unrecoverable_business',
} as const satisfies Record<string, BuiltInCategory>;
export type Kind = keyof typeof CATEGORY;

/** What a person can do about it: the key of the suggestion texts (advice-texts.ts). */
export type Advice =
  | 'connection'
  | 'dns'
  | 'tls'
  | 'timeout'
  | 'disk'
  | 'memory'
  | 'files'
  | 'local-rights'
  | 'process'
  | 'rate'
  | 'busy'
  | 'lock'
  | 'format'
  | 'constraint'
  | 'damaged'
  | 'credentials'
  | 'certificate'
  | 'remote-rights'
  | 'missing-part'
  | 'settings'
  | 'not-found'
  | 'already'
  | 'funds'
  | 'quota'
  | 'region'
  | 'gone'
  | 'unsupported'
  | 'suspended'
  | 'state';

/** What one piece of evidence means. */
export interface Meaning {
  readonly kind: Kind;
  readonly advice: Advice;
  /** Which evidence wins when several speak: the larger one. See {@link WEIGHT}. */
  readonly weight: number;
}

/**
 * How much each sort of evidence counts; the strongest decides. Structure stands above words, but words that
 * are precise stand above a structure that is vague (a 403 that speaks of a used-up plan is about the plan).
 */
export const WEIGHT = {
  /** The author wrote the category down. */
  stated: 100,
  /** A code with one meaning: ECONNRESET, ENOSPC, SQLSTATE 23505. */
  code: 90,
  /** An exception class with one meaning. */
  className: 80,
  /** Words that leave no doubt. */
  precise: 75,
  /** Words that fit well. */
  fitting: 65,
  /** An HTTP status with one meaning. */
  status: 60,
  /** Words that only hint. */
  vague: 40,
  /** A class or status that says little: ValueError, 400, 500. */
  faint: 30,
  /** A last guess. */
  guess: 20,
} as const;

/** Advice whose failures a fresh credential may cure, so that they get the documented auth_error retries. */
const AUTH_ADVICE: ReadonlySet<Advice> = new Set(['credentials', 'remote-rights']);

/** How a step that failed with this meaning is retried; null: not at all. */
export function retryTypeOf(kind: Kind, advice: Advice): RetryErrorType | null {
  if (kind === 'config' && AUTH_ADVICE.has(advice)) return 'auth_error';
  if (kind === 'temporary' && advice === 'rate') return 'rate_limit_error';
  return RETRY_TYPE_OF_CATEGORY[CATEGORY[kind]];
}

/** Turns `'A B C'` into a table in which every word has the same meaning. */
export function words(list: string, meaning: Meaning): (readonly [string, Meaning])[] {
  return list
    .split(/\s+/)
    .filter((word) => word !== '')
    .map((word) => [word, meaning]);
}
