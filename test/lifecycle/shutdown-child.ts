/** A program that saves something at its end: as soon as it is told to go on. */
import { once } from 'node:events';
import { createShutdown } from '../../src/lifecycle/index.ts';

const tell = (word: string) => process.stdout.write(`${JSON.stringify(word)}\n`);
const shutdown = createShutdown();
shutdown.onShutdown({
  name: 'save',
  timeoutMs: 20_000,
  run: async () => {
    tell('saving');
    await once(process.stdin, 'data');
    tell('saved');
  },
});
shutdown.listen();
setInterval(() => undefined, 1000);
tell('ready');
