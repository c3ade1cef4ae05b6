const ELLIPSIS = '…';

/** Cuts text to so many bytes of UTF-8, between whole characters (an emoji of several code points is one). */
export function cutToBytes(text: string, most: number): string {
  return cut(text, most, (piece) => Buffer.byteLength(piece));
}

/** Cuts text to so many UTF-16 units, which is how SMS gateways count, between whole characters. */
export function cutToLength(text: string, most: number): string {
  return cut(text, most, (piece) => piece.length);
}

function cut(text: string, most: number, sizeOf: (piece: string) => number): string {
  if (sizeOf(text) <= most) return text;
  const room = most - sizeOf(ELLIPSIS);
  let [kept, size] = ['', 0];
  for (const { segment } of new Intl.Segmenter('zh', { granularity: 'grapheme' }).segment(text)) {
    size += sizeOf(segment);
    if (size > room) break;
    kept += segment;
  }
  return kept.trimEnd() + ELLIPSIS;
}
