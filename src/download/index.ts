/**
 * Moves bytes from HTTP to a file, and knows nothing of Temporal. A download is these steps in order; each
 * may be repeated after a crash:
 *
 * ```ts
 * const source = await probeSource(url, http, signal);
 * const { part } = await reservePart({ source, directory, owner, force: false });
 * const done = await transfer({ source, part, owner, connections: 4, http, signal, onProgress });
 * await verifyPart({ part, bytes: done.bytes, source: done.source, signal });
 * const file = await publishPart({ part, bytes: done.bytes, force: false });
 * ```
 */
export { fileNameOf, MAP_SUFFIX, PART_SUFFIX, safeFileName } from './file-name.ts';
export { hashFile } from './hash-file.ts';
export type { HttpSettings } from './http-settings.ts';
export { HttpStatusError } from './http-status-error.ts';
export { LoginWanted } from './login-wanted.ts';
export { NetworkGuards } from './network-guards.ts';
export { discardPart } from './part-file.ts';
export { probeSource } from './probe.ts';
export type { TransferProgress } from './progress.ts';
export { publishPart, stillPublished } from './publish.ts';
export { type Reservation, reservePart } from './reserve.ts';
export { type TransferInput, transfer } from './transfer.ts';
export { parseHttpUrl } from './url.ts';
export { verifyPart } from './verify.ts';
