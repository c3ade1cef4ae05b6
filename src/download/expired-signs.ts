/** Sites that say “please log in” with a status of success: how the answer is told from the file. */
import { Readable } from 'node:stream';
import type { ExpiredSign } from '../domain/session.ts';
import { maskUrl } from '../secrets/mask-url.ts';
import { codingOf, decoderOf } from './content-coding.ts';
import type { Answer } from './http-client.ts';
import { LoginWanted } from './login-wanted.ts';
import { decodePage, plain } from './page-text.ts';

/** Of a page, as much as is looked at for its text, in bytes. */
const LOOKED_AT = 64 * 1024;
/** Content types of pages. */
const TEXT = /^\s*$|text|html|xml|json/i;

/** @throws {LoginWanted} when an address alone is a sign, before anything is asked there. */
export function refuseExpiredAddress(url: URL, signs: readonly ExpiredSign[]): void {
  const found = signs.findIndex(
    ({ url: part, text, contentType }) =>
      part !== undefined && text === undefined && contentType === undefined && url.href.includes(part),
  );
  if (found >= 0) throw wanted(url, found);
}

/**
 * Looks whether an answer is a login page.
 * @returns the answer, with a body that is whole still.
 * @throws {LoginWanted} when it is.
 */
export async function refuseExpired(answer: Answer, signs: readonly ExpiredSign[]): Promise<Answer> {
  if (answer.status >= 400) return answer;
  const type = answer.headers['content-type'] ?? '';
  const possible = signs.map(
    ({ url, contentType }) =>
      (url === undefined || answer.url.href.includes(url)) &&
      (contentType === undefined || type.toLowerCase().startsWith(contentType.toLowerCase())),
  );
  const sure = signs.findIndex(({ text }, i) => possible[i] && text === undefined);
  if (sure >= 0) throw wanted(answer.url, sure);
  if (!possible.includes(true) || !TEXT.test(type)) return answer;
  const { bytes, whole } = await beginningOf(answer);
  const page = plain(decodePage(await decoded(bytes, answer), type));
  const shown = signs.findIndex(({ text = '' }, i) => possible[i] && page.includes(plain(text)));
  if (shown >= 0) throw wanted(answer.url, shown);
  return whole;
}

/** Reads the first bytes of a body, and puts them before the rest. */
async function beginningOf(answer: Answer): Promise<{ readonly bytes: Buffer; readonly whole: Answer }> {
  const { body } = answer;
  const chunks: Buffer[] = [];
  const rest = body[Symbol.asyncIterator]();
  for (let size = 0; size < LOOKED_AT; ) {
    const { value, done } = await rest.next();
    if (done) break;
    chunks.push(value);
    size += value.length;
  }
  async function* again(): AsyncGenerator<Buffer> {
    yield* chunks;
    yield* { [Symbol.asyncIterator]: () => rest };
  }
  const joined = Readable.from(again(), { objectMode: false });
  // A generator that nobody has begun to read does not hear that nobody will.
  joined.once('close', () => body.destroy());
  return { bytes: Buffer.concat(chunks), whole: { ...answer, body: joined } };
}

/** Some servers compress although nobody asked for it. */
async function decoded(bytes: Buffer, answer: Answer): Promise<Buffer> {
  const coding = codingOf(answer);
  if (coding === null) return bytes;
  const decoder = decoderOf(coding, answer.url);
  const parts: Buffer[] = [];
  decoder.on('data', (part: Buffer) => parts.push(part));
  // It is only a beginning: the decoder misses its end.
  decoder.on('error', () => undefined);
  const over = new Promise((done) => decoder.once('close', done));
  decoder.end(bytes);
  await over;
  return Buffer.concat(parts);
}

function wanted(url: URL, sign: number): LoginWanted {
  return new LoginWanted(`${maskUrl(url)} is a login page by the sign session.expired.${sign}`);
}
