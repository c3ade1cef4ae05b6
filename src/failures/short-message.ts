import { maskText } from '../secrets/mask-text.ts';

const LONGEST = 500;

/**
 * An error's own words as one line of at most 500 characters, for lists and notifications. They are masked before
 * they are cut: half an address would not be known as one.
 */
export function shortMessage(error: unknown): string {
  const text = maskText(wordsOf(error).slice(0, LONGEST * 4))
    .replaceAll(/\s+/g, ' ')
    .trim();
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 1)}…`;
}

function wordsOf(error: unknown): string {
  if (typeof error === 'string') return error;
  if (error instanceof Error) return error.message || error.name;
  if (typeof error !== 'object' || error === null) return String(error);
  const { message, error: inner } = error as { message?: unknown; error?: unknown };
  for (const text of [message, inner]) if (typeof text === 'string' && text !== '') return text;
  return asJson(error);
}

function asJson(value: object): string {
  try {
    return JSON.stringify(value) ?? 'an object';
  } catch {
    return 'an object';
  }
}
