import type { Config } from '../../config.ts';
import { RekindleError } from '../../domain/error-codes.ts';
import { engineStatus } from '../../engine/embedded.ts';
import type { CommandAction } from '../command-spec.ts';
import { EXIT } from '../exit-codes.ts';
import { untilAborted } from '../until-aborted.ts';

/** Decrypts for the Web UI and the `temporal` CLI until it is told to stop. */
export const run: CommandAction = async (context) => {
  const { config, output, signal } = context;
  const { encryption, namespace } = config;
  if (!encryption) {
    throw new RekindleError('INVALID_CONFIG', 'nothing is encrypted: the configuration has no keys', {
      hint: 'Set encryption.keys; docs/operations.md shows how.',
    });
  }
  const { startCodecServer } = await import('../../secrets/codec-server.ts');
  const log = await context.logger();
  const server = await startCodecServer({ encryption, namespace, origins: originsOf(config), log });
  try {
    const { address } = server;
    if (!isLoopback(encryption.codecServer.host))
      output.say(output.texts.warning(output.texts.codecServerOpen));
    output.result({ status: 'serving', address, origins: [...originsOf(config)()] }, [
      output.texts.codecServerReady(address),
    ]);
    await untilAborted(signal);
    return EXIT.ok;
  } finally {
    await server.close();
  }
};

/** Looking for the engine's process takes a moment; its ports change only when it is started anew. */
const LOOK_EVERY_MS = 2000;

/** The Web UIs that may ask: those configured, and that of the engine which runs for the data directory. */
function originsOf(config: Config): () => readonly string[] {
  const configured = config.encryption?.codecServer.origins ?? [];
  let found: readonly string[] = [];
  let lookedAt = Number.NEGATIVE_INFINITY;
  return () => {
    if (config.temporal) return configured;
    if (performance.now() - lookedAt > LOOK_EVERY_MS) {
      const ui = URL.parse(engineStatus(config.dataDir)?.uiAddress ?? '');
      found = ui ? [`http://127.0.0.1:${ui.port}`, `http://localhost:${ui.port}`] : [];
      lookedAt = performance.now();
    }
    return [...configured, ...found];
  };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}
