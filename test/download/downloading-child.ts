/** A process that downloads, to be killed: `<url> <directory> [memory]`. Sends bytes fetched, or its RSS. */
import { probeSource, publishPart, reservePart, transfer } from '../../src/download/index.ts';

const [url = '', directory = '', memory] = process.argv.slice(2);
const http = { stallTimeoutMs: 5000, connectTimeoutMs: 2000, maxRedirects: 5 };
const { signal } = new AbortController();
const source = await probeSource(url, http, signal);
const { part } = await reservePart({ source, directory, owner: 'task', force: false });
let fetched = 0;
const done = await transfer({
  source,
  part,
  owner: 'task',
  connections: 4,
  http,
  signal,
  onProgress: ({ bytesFetched }) => {
    process.send?.(memory === undefined ? bytesFetched - fetched : process.memoryUsage.rss());
    fetched = bytesFetched;
  },
});
await publishPart({ part, bytes: done.bytes, force: false });
process.disconnect();
