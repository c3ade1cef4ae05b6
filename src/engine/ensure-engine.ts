import type { Config } from '../config.ts';
import { ensureEmbedded } from './embedded.ts';
import type { Engine, EngineOptions } from './engine.ts';

/**
 * The Temporal server of this configuration: the one that TEMPORAL_ADDRESS or a profile names, otherwise the data
 * directory's own, which is joined or started. Call `release()` when done with it.
 * @throws {RekindleError} `ENGINE_UNAVAILABLE`, `NOT_WRITABLE`; a server that is not ours is only tried by `connect`.
 */
export async function ensureEngine(config: Config, options: EngineOptions = {}): Promise<Engine> {
  if (!config.temporal) return ensureEmbedded(config, options);
  return {
    address: config.temporal.address,
    uiAddress: null,
    namespace: config.namespace,
    embedded: false,
    started: false,
    pid: null,
    release: async () => 'external',
    onExit: () => () => {},
  };
}
