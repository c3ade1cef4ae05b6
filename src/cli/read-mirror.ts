import { type Mirror, MirrorKeeper } from '../mirror/index.ts';
import type { CommandContext } from './context.ts';

/** Opens the mirror for reading, beside whoever writes it. @throws {RekindleError} MIRROR_UNAVAILABLE, MIRROR_NEWER */
export async function withMirror<T>(
  { config }: CommandContext,
  fn: (mirror: Mirror) => T | Promise<T>,
): Promise<T> {
  const keeper = new MirrorKeeper(config.database.path, { readonly: true });
  try {
    return await fn(keeper.get());
  } finally {
    keeper.close();
  }
}
