const LONGEST = 500;

/**
 * An error's own words as one line of at most 500 characters, for lists and notifications. Secrets are
 * not masked here.
 */
export function shortMessage(error: unknown): string {
  const text = wordsOf(error)
    .slice(0, LONGEST * 4)
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
