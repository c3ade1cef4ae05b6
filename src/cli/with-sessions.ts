import type { RekindleClient } from '../client/rekindle-client.ts';
import type { CommandContext } from './context.ts';
import { openRuntime } from './runtime.ts';

/** Works with sessions, whose workflows answer only where a worker runs: one is started when there is none. */
export async function withSessions<T>(
  context: CommandContext,
  purpose: string,
  work: (client: RekindleClient) => Promise<T>,
): Promise<T> {
  const runtime = await openRuntime(context, { engine: 'ensured', worker: 'if-none', purpose });
  try {
    return await work(runtime.client);
  } finally {
    await runtime.close();
  }
}
