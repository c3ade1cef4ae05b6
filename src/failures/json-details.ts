/** Longer details are read as text instead. */
const LONGEST = 65_536;
const DEEPEST = 4;

/**
 * Unwraps the documented error details `{"error_type","error_message","context","timestamp"}`, also where they stand
 * behind other words or inside each other.
 * @returns `error_type: error_message` of the innermost, or the text itself when it has no such details.
 */
export function unwrapDetails(text: string): string {
  let current = text;
  for (let depth = 0; depth < DEEPEST; depth++) {
    const inner = detailsIn(current);
    if (inner === undefined) break;
    current = inner;
  }
  return current;
}

function detailsIn(text: string): string | undefined {
  if (text.length > LONGEST || !text.includes('error_message')) return undefined;
  const start = text.indexOf('{');
  const end = text.lastIndexOf('}');
  if (start < 0 || end <= start) return undefined;
  try {
    const { error_type: type, error_message: message } = JSON.parse(text.slice(start, end + 1)) as {
      error_type?: unknown;
      error_message?: unknown;
    };
    if (typeof message !== 'string') return undefined;
    return typeof type === 'string' && type !== 'Exception' && !message.startsWith('[')
      ? `${type}: ${message}`
      : message;
  } catch {
    return undefined;
  }
}
