/** Pages as text. */

/** By the header, else by what the page says of itself, else UTF-8. */
export function decodePage(bytes: Uint8Array, contentType: string): string {
  const named = /charset=["']?([\w-]+)/i;
  const beginning = Buffer.from(bytes.subarray(0, 2048)).toString('latin1');
  const charset = named.exec(contentType)?.[1] ?? named.exec(beginning)?.[1] ?? 'utf-8';
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    // Servers name charsets that there are not.
    return new TextDecoder().decode(bytes);
  }
}

/** As text is compared: spaces and case made alike. */
export function plain(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim().toLowerCase();
}
