/** Between a Python exception and the one it led to: what stands before is the cause. */
const PYTHON_CHAIN = ['The above exception was the direct cause', 'During handling of the above exception'];
/** Before the cause of what was printed so far: Java, Node's `[cause]`, .NET's inner exceptions. */
const CAUSE_BELOW = ['Caused by:', '[cause]:', 'caused by:', 'Caused by ', '---> ', 'Inner exception:'];
/** Lines that tell where, not what: stack frames, statements, hints, links. */
const NOISE_STARTS = [
  'at ',
  'File "',
  'Traceback (most recent call last)',
  '[SQL:',
  '[parameters:',
  '(Background on',
  'HINT:',
  'For more information',
  'TROUBLESHOOTING',
  'sql:',
  'goroutine ',
  'Stack trace:',
  '... ',
  '--- End of',
  '~~~',
  '^',
  'requireStack:',
  'Call log:',
  'npm warn ',
  'npm WARN ',
  'node:internal',
  'node:events',
  'node:fs',
  'triggerUncaughtException(',
  'throw er;',
  'Node.js v',
];

const letters = (marks: readonly string[]): ReadonlySet<string> =>
  new Set(marks.map((mark) => mark.charAt(0)));
const MARK_LETTERS = letters([...PYTHON_CHAIN, ...CAUSE_BELOW]);
const NOISE_LETTERS = letters(NOISE_STARTS);
/** A chain of more causes than this is made up. */
const MOST_LAYERS = 12;

/**
 * Takes the text of an error apart into the errors it tells of, the innermost cause first, without stack frames.
 * Inside one line (`Max retries exceeded (Caused by NewConnectionError(…))`) nothing is taken apart: there
 * the heavier evidence wins.
 */
export function layersOf(text: string): string[] {
  if (!text.includes('\n')) return splitInline(text);
  const parts: string[][] = [[]];
  let causesFirst = false;
  const inTraceback = text.includes('Traceback (most recent call last)');
  for (const line of text.split('\n')) {
    const trimmed = line.trim();
    if (trimmed === '') continue;
    const first = trimmed.charAt(0);
    if (MARK_LETTERS.has(first) && PYTHON_CHAIN.some((mark) => trimmed.startsWith(mark))) {
      causesFirst = true;
      parts.push([]);
    } else if (MARK_LETTERS.has(first) && CAUSE_BELOW.some((mark) => trimmed.startsWith(mark)))
      parts.push([trimmed]);
    else if (!isNoise(line, trimmed, first, inTraceback)) parts.at(-1)?.push(line);
  }
  const texts = parts.filter((lines) => lines.length > 0).map((lines) => lines.join('\n').trim());
  if (!causesFirst) texts.reverse();
  return texts.length > 0 ? texts.slice(0, MOST_LAYERS) : [text];
}

/** .NET prints the inner exception in the same line, behind an arrow. */
function splitInline(text: string): string[] {
  if (!text.includes(' ---> ')) return [text];
  const parts = text.split(' ---> ');
  return parts.reverse();
}

function isNoise(line: string, trimmed: string, first: string, inTraceback: boolean): boolean {
  if (inTraceback && line.startsWith('    ')) return true;
  if (trimmed.endsWith(': undefined,')) return true;
  return NOISE_LETTERS.has(first) && NOISE_STARTS.some((start) => trimmed.startsWith(start));
}

/** The title of an HTML page that an API answered with, since that is where proxies say what is wrong. */
export function htmlTitle(text: string): string | undefined {
  if (!text.includes('<')) return undefined;
  const lower = text.toLowerCase();
  if (!lower.includes('<html') && !lower.includes('<!doctype') && !lower.includes('<head')) return undefined;
  for (const tag of ['title', 'h1']) {
    const start = lower.indexOf(`<${tag}>`);
    const end = start < 0 ? -1 : lower.indexOf(`</${tag}>`, start);
    if (end > start && end - start < 300) return text.slice(start + tag.length + 2, end);
  }
  return undefined;
}
