/** How much of a text is looked at: its beginning, where the error speaks, and its end, where stack traces put it. */
const HEAD = 4000;
const TAIL = 2000;

/** The parts of a text that are looked at. Bounds the time that any input takes. */
export function windowOf(text: string): string {
  return text.length <= HEAD + TAIL ? text : `${text.slice(0, HEAD)}\n${text.slice(-TAIL)}`;
}
