import { RekindleError } from '../domain/error-codes.ts';

export const PART_SUFFIX = '.rekindle.part';
export const MAP_SUFFIX = '.rekindle.map';
/** `<name>.rekindle.map.<8 hex digits>` is the longest name that we make of a name. */
const LONGEST_SUFFIX = MAP_SUFFIX.length + 9;
/** NAME_MAX of Linux, macOS and NTFS, in bytes (NTFS: UTF-16 units, which are never more). */
const NAME_MAX = 255;
const MAX_NAME_BYTES = NAME_MAX - LONGEST_SUFFIX;
/** Longer "extensions" are part of the name: `.tar.gz`, `.json` count, a sentence after a dot does not. */
const MAX_EXTENSION_BYTES = 16;

/** Names that Windows reserves, with any extension (learn.microsoft.com, "Naming files, paths, and namespaces"). */
const DEVICE_NAME = /^(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)/i;
// Controls, and the marks that can make a name look like another one (bidirectional overrides, zero width).
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it removes
const INVISIBLE = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/g;
const FORBIDDEN_ON_WINDOWS = /[<>:"|?*]/g;

/**
 * A name that is safe to create in the target directory, made of one that a server or a URL proposes:
 * only the last component of a path, nothing invisible, no device name, no hidden file, none of our own
 * suffixes, short enough for 255 bytes together with them. `download` when nothing is left.
 */
export function safeFileName(proposed: string): string {
  const last = proposed.split(/[/\\]/).at(-1) ?? '';
  const visible = last
    .toWellFormed()
    .normalize('NFC')
    .replace(INVISIBLE, '')
    .replace(FORBIDDEN_ON_WINDOWS, '_');
  const trimmed = visible
    .trim()
    .replace(/[. ]+$/, '')
    .replace(/^\.+/, '_');
  if (trimmed === '') return 'download';
  const named = DEVICE_NAME.test(trimmed) || hasOurSuffix(trimmed) ? `_${trimmed}` : trimmed;
  return shorten(named.replace(/\.rekindle\.(part|map)/gi, '_rekindle_$1'));
}

/**
 * Checks the name that a user gave: used as it is or refused, never changed.
 * @throws RekindleError TARGET_OUTSIDE for a path that leaves the directory; INVALID_INPUT otherwise
 */
export function checkFileName(name: string): string {
  if (/(^|[/\\])\.\.([/\\]|$)/.test(name) || /^([/\\]|[a-z]:)/i.test(name)) {
    throw new RekindleError('TARGET_OUTSIDE', `the name "${name}" leads out of the target directory`, {
      hint: 'Give only a file name with --name, and the directory with --to.',
    });
  }
  const problem = problemOf(name);
  if (problem !== null) {
    throw new RekindleError('INVALID_INPUT', `the name "${name.slice(0, 80)}" ${problem}`, {
      hint: 'Give another name with --name.',
    });
  }
  return name;
}

function problemOf(name: string): string | null {
  if (name === '' || name === '.') return 'is empty';
  if (/[/\\]/.test(name)) return 'is a path, not a file name';
  if (name.replace(INVISIBLE, '') !== name) return 'has control characters';
  if (hasOurSuffix(name)) return 'ends like the unfinished files of rekindle';
  if (Buffer.byteLength(name) > MAX_NAME_BYTES) return `is longer than ${MAX_NAME_BYTES} bytes`;
  return null;
}

function hasOurSuffix(name: string): boolean {
  return /\.rekindle\.(part|map)/i.test(name);
}

/** Cuts the stem, never the extension, and never through a character. */
function shorten(name: string): string {
  if (Buffer.byteLength(name) <= MAX_NAME_BYTES) return name;
  const extension = /(\.tar)?\.[^.]+$/.exec(name)?.[0] ?? '';
  const kept = Buffer.byteLength(extension) <= MAX_EXTENSION_BYTES ? extension : '';
  let stem = '';
  let bytes = Buffer.byteLength(kept);
  for (const character of name.slice(0, name.length - kept.length)) {
    bytes += Buffer.byteLength(character);
    if (bytes > MAX_NAME_BYTES) break;
    stem += character;
  }
  return stem.trimEnd() + kept;
}

/** The name that an answer proposes: Content-Disposition's (RFC 6266), else the end of the URL's path. */
export function fileNameOf(url: URL | string, contentDisposition: string | undefined): string {
  const proposed = contentDisposition === undefined ? null : dispositionName(contentDisposition);
  const path = URL.parse(url.toString())?.pathname ?? '';
  return safeFileName(proposed ?? decodePercent(path.split('/').at(-1) ?? ''));
}

/** `filename*` wins over `filename` (RFC 6266 §4.3). */
function dispositionName(header: string): string | null {
  const extended = /(?:^|;)\s*filename\*\s*=\s*"?([\w-]+)'[^']*'([^;"\s]+)/i.exec(header);
  if (extended !== null) {
    const decoded = decodeExtended(extended[1] ?? '', extended[2] ?? '');
    if (decoded !== null) return decoded;
  }
  const plain = /(?:^|;)\s*filename\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]+))/i.exec(header);
  if (plain === null) return null;
  const quoted = plain[1]?.replaceAll(/\\(["\\])/g, '$1');
  return asUtf8(quoted ?? plain[2] ?? '');
}

/** An ext-value (RFC 8187 §3.2); null when its charset or its escapes are unknown. */
function decodeExtended(charset: string, value: string): string | null {
  const bytes = Buffer.from(
    value.replaceAll(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  );
  try {
    return new TextDecoder(charset, { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** Header values arrive as one character a byte; many servers send UTF-8 there. */
function asUtf8(value: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: any one-byte string
  if (!/^[\u0000-\u00ff]*$/.test(value)) return value;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(value, 'latin1'));
  } catch {
    return value;
  }
}

function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
