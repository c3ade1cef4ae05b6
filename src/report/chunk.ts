/**
 * What stands in a template for a value that differs from one failure to the next. Hashes, UUIDs and other ids are one
 * kind, as are dates and times, so that the same message with another form of value stays one group.
 */
export const PLACEHOLDERS = [
  '<num>',
  '<id>',
  '<path>',
  '<url>',
  '<host>',
  '<email>',
  '<time>',
  '<str>',
] as const;
export type Placeholder = (typeof PLACEHOLDERS)[number];

/** The template's form of a piece of text without blanks, and the host it names. */
export interface ReadChunk {
  readonly text: string;
  readonly host?: string;
}

const URL_IN = /^[^/]*?([a-z][a-z0-9+.-]*):\/\/(?:[^/?#@]*@)?(\[[0-9a-f:.]+\]|[^/?#:]*)/i;
const EMAIL = /^[^@]+@[\w-]+(?:\.[\w-]+)+$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const DATE = /^\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?:T[\d:.,]+(?:Z|[+-]\d\d:?\d\d)?)?$|^\d{1,2}\/\d{1,2}\/\d{2,4}$/;
/** With seconds: `12:50` may be a line and a column. */
const TIME = /^\d{1,2}:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?$/;
/** Also as gRPC writes it, `ipv4:127.0.0.1:443`. */
const IPV4 = /^(?:[a-z][a-z\d]*:)?(\d{1,3}(?:\.\d{1,3}){3})(?::\d+)?$/;
const IPV6 = /^(?=.*\d)(?=.*::|(?:[^:]+:){7})(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}$/i;
const HOST = /^([a-z0-9-]+(?:\.[a-z0-9-]+)*\.([a-z]{2,12}))\.?(?::\d+)?$/;
const FILE = /\.([a-z]{1,6}\d?)(?::\d+)*$/i;
/** Codes whose digits say what happened: two errors of Oracle are two messages. HTTP/1.1 is a name. */
const VENDOR_CODE = /^(?:(?:ORA|TNS|PLS|RMAN)-\d{4,5}|HTTP\/\d(?:\.\d)?)$/;
/** Letters followed by digits are a numbered word (`face12345678`), whatever the letters. */
const HEX_ID = /^(?:0x[0-9a-f]+|(?=.*\d)(?=.*[a-f])(?![a-f]+\d+$)[0-9a-f]{8,})$/i;
/** Longer than any word or path that is worth reading; bounds the time of the expressions above. */
const LONGEST = 256;
const LONGEST_WORD = 64;

/** Last labels that make dotted lower-case words a host: the common public ones and the ones of inner networks. */
const HOST_ENDINGS = new Set(
  (
    'com net org io cn edu gov mil int dev app cloud info biz me tv cc xyz online site top tech ai co uk us de fr jp kr ' +
    'ru br in eu nl se ch it es pl au ca tw hk sg internal local localdomain localhost lan svc cluster corp home arpa ' +
    'example test invalid intranet consul'
  ).split(' '),
);
const FILE_ENDINGS = new Set(
  (
    'py pyc js cjs mjs ts tsx jsx java kt go rs rb php c cc cpp h cs sh sql so dll exe jar whl mp4 mkv webm avi mov m4a ' +
    'mp3 m3u8 wav srt json jsonl xml html htm css csv tsv txt md log pdf doc docx xls xlsx ppt pptx png jpg jpeg gif ' +
    'svg webp zip gz tgz tar bz2 xz rar yaml yml toml ini cfg conf env db sqlite wal lock pid sock tmp bak part pem crt ' +
    'key cer p12 proto bin iso img'
  ).split(' '),
);

/**
 * Reads a piece of text without blanks: letters, digits and what joins them (`. - : / \ @ …`).
 * @param glued whether a word or a placeholder stands directly beside it; then it is the rest of something, no path.
 */
export function readChunk(chunk: string, glued: boolean): ReadChunk {
  if (chunk.length > LONGEST) return { text: kindOfLong(chunk) };
  if (chunk.includes('://')) {
    const host = URL_IN.exec(chunk)?.[2];
    return host ? { text: '<url>', host: host.toLowerCase() } : { text: '<url>' };
  }
  if (VENDOR_CODE.test(chunk)) return { text: chunk };
  return glued ? { text: maskParts(chunk) } : readWhole(chunk);
}

function kindOfLong(chunk: string): Placeholder {
  if (chunk.includes('://')) return '<url>';
  return /[/\\]/.test(chunk) ? '<path>' : '<id>';
}

function readWhole(chunk: string): ReadChunk {
  const first = chunk.charCodeAt(0);
  const startsWithDigit = first >= 48 && first <= 57;
  if (chunk.includes('@') && EMAIL.test(chunk)) return { text: '<email>' };
  if (startsWithDigit && (DATE.test(chunk) || TIME.test(chunk))) return { text: '<time>' };
  if (isPath(chunk, startsWithDigit)) return { text: '<path>' };
  const ip = chunk.includes('.') ? IPV4.exec(chunk)?.[1] : undefined;
  if (ip) return { text: '<host>', host: ip };
  if (chunk.includes(':') && IPV6.test(chunk) && chunk.length > 2) return { text: '<host>', host: chunk };
  if (UUID.test(chunk)) return { text: '<id>' };
  if (chunk.includes('.')) {
    const host = HOST.exec(chunk);
    if (host && HOST_ENDINGS.has(host[2] as string)) return { text: '<host>', host: host[1] as string };
    const ending = FILE.exec(chunk)?.[1]?.toLowerCase();
    if (ending && FILE_ENDINGS.has(ending)) return { text: '<path>' };
  }
  return { text: maskParts(chunk) };
}

/** A path of Unix or Windows. `and/or`, `I/O` and `3/5` are none. */
function isPath(chunk: string, startsWithDigit: boolean): boolean {
  const slash = chunk.search(/[/\\]/);
  if (slash < 0) return false;
  if (/^(?:[/\\]|[.~]{1,2}[/\\]|[A-Za-z]:[/\\])[^/\\]/.test(chunk) || /^\\\\/.test(chunk)) return true;
  if (/[/\\].*[/\\]./.test(chunk)) return true;
  return !startsWithDigit && /[.\d]/.test(chunk.slice(slash + 1, -1)) && /\w/.test(chunk.slice(slash + 1));
}

/** Masks the variable parts between the joining characters. */
function maskParts(chunk: string): string {
  if (!HAS_DIGIT.test(chunk) && chunk.length <= LONGEST_WORD) return chunk;
  return UUID.test(chunk) ? '<id>' : chunk.replaceAll(PARTS, maskPart);
}

/** A number with its separators, or a run of letters and digits. */
const PARTS = /\d+(?:[.,]\d+)*(?![A-Za-z\d_])|[A-Za-z\d_]+/g;
const HAS_DIGIT = /\d/;
const NUMBER = /^\d+(?:[.,]\d+)*$/;
const NUMBER_WITH_UNIT = /^\d+[A-Za-z]{1,3}$/;
/** A letter between digits: no word is built so. */
const SCRAMBLED = /\d[A-Za-z]+\d/;

function maskPart(part: string): string {
  if (NUMBER.test(part) || NUMBER_WITH_UNIT.test(part)) return '<num>';
  if (part.length > LONGEST_WORD || HEX_ID.test(part)) return '<id>';
  if (!HAS_DIGIT.test(part)) return part;
  return part.split('_').map(maskWord).join('_');
}

function maskWord(word: string): string {
  if (word === '' || !HAS_DIGIT.test(word)) return word;
  if (NUMBER_WITH_UNIT.test(word)) return '<num>';
  return HEX_ID.test(word) || SCRAMBLED.test(word) ? '<id>' : word.replaceAll(/\d+/g, '<num>');
}
