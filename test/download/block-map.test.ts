import { writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { BlockMap, blockBytesFor, mapFileBytes } from '../../src/download/block-map.ts';
import { decodeHeader, encodeHeader, HEADER_BYTES, type MapHeader } from '../../src/download/map-header.ts';
import { content } from '../support/misbehaving-server.ts';
import { tempDir } from '../support/temp-dir.ts';

const GIB = 1024 ** 3;

function header(size: number, blockBytes: number): MapHeader {
  return {
    version: 1,
    urlHash: '00',
    url: 'http://x/y',
    size,
    etag: '"ünïcode"',
    lastModified: null,
    blockBytes,
    owner: 'me',
  };
}

async function openMap(path: string, size: number, blockBytes: number): Promise<BlockMap> {
  return BlockMap.load(await open(path, 'r+'), header(size, blockBytes));
}

it('remembers exactly what was appended, over any number of reopenings', async () => {
  const path = join(tempDir(), 'map');
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 300 }),
      fc.integer({ min: 1, max: 32 }),
      fc.array(fc.record({ block: fc.nat(300), bytes: fc.integer({ min: 1, max: 80 }), what: fc.nat(9) }), {
        maxLength: 30,
      }),
      async (size, blockBytes, steps) => {
        writeFileSync(path, encodeHeader(header(size, blockBytes)));
        let map = await openMap(path, size, blockBytes);
        const there = new Set<number>();
        for (const { block: wanted, bytes, what } of steps) {
          const block = wanted % map.blocks;
          if (what === 0) {
            await map.close();
            map = await openMap(path, size, blockBytes);
          } else if (what === 1) {
            map.clear(block);
            for (let at = 0; at < map.blockLength(block); at++) there.delete(block * blockBytes + at);
          } else {
            const from = block * blockBytes + map.lengthOf(block);
            const gap = [...map.missing()].find((region) => region.position === from);
            const to = Math.min(from + bytes, gap?.end ?? from);
            map.append(from, content(1, from, to));
            for (let at = from; at < to; at++) there.add(at);
          }
        }
        const missing = [...map.missing()].reduce((sum, { position, end }) => sum + end - position, 0);
        expect(map.stored).toBe(there.size);
        expect(missing).toBe(size - there.size);
        for (const { position, end } of map.missing()) {
          for (let at = position; at < end; at++) expect(there.has(at)).toBe(false);
        }
        await map.close();
      },
    ),
    { numRuns: 100 },
  );
});

it('refuses bytes that leave a gap', async () => {
  const path = join(tempDir(), 'map');
  writeFileSync(path, encodeHeader(header(100, 10)));
  const map = await openMap(path, 100, 10);
  expect(() => map.append(5, Buffer.alloc(1))).toThrow(RangeError);
  await map.close();
});

it('takes records that cannot be true for missing blocks', async () => {
  const path = join(tempDir(), 'map');
  writeFileSync(path, Buffer.concat([encodeHeader(header(100, 10)), Buffer.alloc(80, 0xff)]));
  const map = await openMap(path, 100, 10);
  expect(map.stored).toBe(0);
  await map.close();
});

it('keeps the map small however large the file is', () => {
  expect(blockBytesFor(0)).toBe(1024 ** 2);
  expect(blockBytesFor(5 * GIB)).toBe(1024 ** 2);
  for (const size of [8 * GIB, 8 * GIB + 1, 100 * GIB, 50_000 * GIB]) {
    expect(mapFileBytes(size, blockBytesFor(size))).toBeLessThanOrEqual(64 * 1024 + HEADER_BYTES);
  }
});

it('notices any damaged byte of the header', () => {
  const good = encodeHeader(header(100, 10));
  expect(decodeHeader(good)).toEqual(header(100, 10));
  const length = good.toString('utf8').trimEnd().length;
  for (let at = 0; at < length; at++) {
    const bad = Buffer.from(good);
    bad[at] = (bad[at] ?? 0) ^ 0x15;
    expect(decodeHeader(bad)).toBeNull();
  }
  expect(decodeHeader(good.subarray(0, 50))).toBeNull();
  expect(decodeHeader(Buffer.alloc(HEADER_BYTES))).toBeNull();
});
