/** The head of an HTTP/1.x answer. */
export interface HttpHead {
  readonly status: number;
  /** Lower-case names; repeated headers joined by commas. */
  readonly headers: Readonly<Record<string, string>>;
  /** The `Set-Cookie` headers, which cannot be joined. */
  readonly setCookie: readonly string[];
  /** Length of the head with its empty line. */
  readonly bytes: number;
}

/** Larger heads go to undici, which says what is wrong with them. */
const LARGEST_HEAD = 16 * 1024;
const EMPTY_LINE = '\r\n\r\n';

/**
 * Reads the plain, well-formed heads that servers of files send; anything else is `'odd'`, and a parser
 * that knows HTTP's odd corners has to look at it. null: the head is not complete yet.
 */
export function parseHead(bytes: Buffer): HttpHead | 'odd' | null {
  const end = bytes.indexOf(EMPTY_LINE, 0, 'latin1');
  if (end === -1) return bytes.length >= LARGEST_HEAD ? 'odd' : null;
  const [statusLine = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n');
  const status = /^HTTP\/1\.1 ([2-5]\d\d)( |$)/.exec(statusLine)?.[1];
  if (status === undefined) return 'odd';
  const headers: Record<string, string> = {};
  const setCookie: string[] = [];
  for (const line of lines) {
    const field = /^([\w!#$%&'*+.^`|~-]+):[ \t]*(.*?)[ \t]*$/.exec(line);
    if (field === null) return 'odd';
    const name = (field[1] ?? '').toLowerCase();
    if (name === 'set-cookie') setCookie.push(field[2] ?? '');
    headers[name] = headers[name] === undefined ? (field[2] ?? '') : `${headers[name]}, ${field[2] ?? ''}`;
  }
  return { status: Number(status), headers, setCookie, bytes: end + EMPTY_LINE.length };
}
