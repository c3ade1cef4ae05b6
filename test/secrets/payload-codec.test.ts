import { randomBytes } from 'node:crypto';
import { ApplicationFailure, type Payload, type SerializationContext } from '@temporalio/common';
import {
  decodeOptionalFailureToOptionalError,
  encodeErrorToFailure,
  loadDataConverter,
} from '@temporalio/common/lib/internal-non-workflow/index.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dataConverterOf } from '../../src/engine/data-converter.ts';
import { EncryptingCodec } from '../../src/secrets/payload-codec.ts';
import { Secret } from '../../src/secrets/secret.ts';

const keyOf = (id: string) => ({ id, key: new Secret(randomBytes(32).toString('base64')) });
const [first, second] = [keyOf('2026-01'), keyOf('2026-02')];
const NAMESPACE = 'default';

const codec = (
  keys = [first],
  options: { namespace?: string; acceptPlain?: boolean; anyWorkflow?: boolean } = {},
) => {
  const { namespace = NAMESPACE, acceptPlain = true, anyWorkflow = false } = options;
  return new EncryptingCodec({ keys, acceptPlain }, { namespace, anyWorkflow });
};
const workflow = (workflowId: string, namespace = NAMESPACE): SerializationContext => ({
  type: 'workflow',
  namespace,
  workflowId,
});
const activity = (workflowId: string): SerializationContext => ({
  type: 'activity',
  namespace: NAMESPACE,
  workflowId,
  activityId: '1',
  isLocal: false,
});

const SECRET = 'https://user:hunter2@example.com/x?token=abc';
const payload = (text = SECRET): Payload => ({
  metadata: { encoding: Buffer.from('json/plain') },
  data: Buffer.from(JSON.stringify(text)),
});
const textOf = ({ data }: Payload) => Buffer.from(data ?? []).toString();
const bytesOf = ({ metadata, data }: Payload) =>
  Buffer.concat([...Object.values(metadata ?? {}), data ?? new Uint8Array()]).toString('latin1');

async function encrypted(context?: SerializationContext, from = codec()): Promise<Payload> {
  const [one] = await from.encode([payload()], context);
  return one as Payload;
}

describe('what is encrypted', () => {
  test('comes back as it was, whatever it was', async () => {
    const anyPayload = fc.record({
      metadata: fc.dictionary(
        fc.string({ minLength: 1 }).filter((key) => key !== '__proto__'),
        fc.uint8Array(),
      ),
      data: fc.uint8Array({ maxLength: 5000 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(anyPayload, { maxLength: 4 }), fc.string(), async (payloads, workflowId) => {
        const context = workflow(workflowId);
        const back = await codec().decode(await codec().encode(payloads, context), context);
        expect(back.map(bytesOf)).toEqual(payloads.map(bytesOf));
      }),
    );
  });

  test('shows nothing but the names of its key and its workflow, and never looks the same twice', async () => {
    const [a, b] = [await encrypted(workflow('w')), await encrypted(workflow('w'))];
    expect(bytesOf(a)).not.toMatch(/hunter2|abc|json\/plain/);
    expect(Object.keys(a.metadata ?? {})).toEqual([
      'encoding',
      'encryption-key-id',
      'encryption-workflow-id',
    ]);
    expect(bytesOf(a)).toContain('binary/encrypted');
    expect(textOf(a)).not.toBe(textOf(b));
  });

  test('holds its own memory only: workflows’ threads get a copy of all of it', async () => {
    const one = await encrypted();
    expect(one.data?.buffer.byteLength).toBe(one.data?.byteLength);
  });

  test('is refused when any bit of it was changed', async () => {
    const one = await encrypted(workflow('w'));
    for (let at = 0; at < (one.data?.length ?? 0); at++) {
      const data = Buffer.from(one.data ?? []);
      data[at] = (data[at] ?? 0) ^ 1;
      await expect(codec().decode([{ ...one, data }])).rejects.toMatchObject({ code: 'PAYLOAD_UNREADABLE' });
    }
    for (const length of [0, 5, 27])
      await expect(
        codec().decode([{ ...one, data: one.data?.subarray(0, length) ?? null }]),
      ).rejects.toMatchObject({ code: 'PAYLOAD_UNREADABLE' });
  });

  test('is refused when its key or its workflow were given other names', async () => {
    const one = await encrypted(workflow('w'));
    const named = (changes: Record<string, Uint8Array>) => ({
      ...one,
      metadata: { ...one.metadata, ...changes },
    });
    const keys = [first, { ...first, id: 'same key' }];
    for (const changed of [
      named({ 'encryption-key-id': Buffer.from('same key') }),
      named({ 'encryption-workflow-id': Buffer.from('other') }),
    ])
      await expect(codec(keys).decode([changed])).rejects.toThrow(/cannot be decrypted with the key/);
    const { 'encryption-workflow-id': _, ...without } = one.metadata ?? {};
    await expect(codec().decode([{ ...one, metadata: without }])).rejects.toThrow(/cannot be decrypted/);
  });
});

describe('keys', () => {
  test('are rotated: the first encrypts, the others go on decrypting', async () => {
    const old = await encrypted();
    const rotated = codec([second, first]);
    expect((await rotated.decode([old])).map(textOf)).toEqual([JSON.stringify(SECRET)]);
    const fresh = await encrypted(undefined, rotated);
    expect(bytesOf(fresh)).toContain('2026-02');
    await expect(codec([first]).decode([fresh])).rejects.toThrow(
      'a payload of Temporal is encrypted with the key "2026-02", which is not configured',
    );
  });

  test('of another value under the same name decrypt nothing', async () => {
    const other = codec([keyOf(first.id)]);
    await expect(other.decode([await encrypted()])).rejects.toThrow(
      /cannot be decrypted with the key "2026-01"/,
    );
  });

  test('with names that are no names are not printed', async () => {
    const one = await encrypted();
    const metadata = { ...one.metadata, 'encryption-key-id': Buffer.from('\x1b[2Jhello\n'.repeat(100)) };
    await expect(codec().decode([{ ...one, metadata }])).rejects.toThrow('a key without a proper name');
  });
});

describe('what is bound', () => {
  test('is read by the workflow that it is for and its activities, and by no other', async () => {
    const one = await encrypted(activity('w'));
    for (const context of [workflow('w'), activity('w')])
      expect((await codec().decode([one], context)).map(textOf)).toEqual([JSON.stringify(SECRET)]);
    await expect(codec().decode([one], workflow('v'))).rejects.toThrow(/for another workflow/);
    await expect(codec().decode([one], activity('v'))).rejects.toThrow(/for another workflow/);
  });

  test('is read where nobody says which workflow it is: in the codec server, in a history that is replayed', async () => {
    const one = await encrypted(workflow('w'));
    expect((await codec().decode([one])).map(textOf)).toEqual([JSON.stringify(SECRET)]);
    const replay = codec([first], { anyWorkflow: true });
    expect((await replay.decode([one], workflow('v'))).map(textOf)).toEqual([JSON.stringify(SECRET)]);
  });

  test('may be written for any workflow, as the Web UI does', async () => {
    const one = await encrypted();
    expect((await codec().decode([one], workflow('w'))).map(textOf)).toEqual([JSON.stringify(SECRET)]);
  });

  test('is not read in another namespace', async () => {
    for (const context of [undefined, workflow('w')]) {
      const one = await encrypted(context);
      const there = codec([first], { namespace: 'other' });
      await expect(there.decode([one])).rejects.toThrow(/cannot be decrypted/);
      await expect(there.decode([one], workflow('w', 'other'))).rejects.toThrow(/cannot be decrypted/);
    }
  });

  test('is handed on by the workflows that one schedule starts', async () => {
    const input = await encrypted(workflow('failure-scan'));
    const lastResult = await encrypted(workflow('failure-scan-2026-11-22T16:30:00Z'));
    const next = workflow('failure-scan-2026-11-22T17:00:00Z');
    expect((await codec().decode([input, lastResult], next)).map(textOf)).toEqual(
      Array.from({ length: 2 }, () => JSON.stringify(SECRET)),
    );
    await expect(codec().decode([lastResult], workflow('health-check-2026-11-22T17:00:00Z'))).rejects.toThrow(
      /for another workflow/,
    );
  });
});

describe('what is not encrypted', () => {
  test('is read as it is: it is from before', async () => {
    expect(await codec().decode([payload()])).toEqual([payload()]);
  });

  test('is refused when the configuration says so', async () => {
    const strict = codec([first], { acceptPlain: false });
    await expect(strict.decode([payload()])).rejects.toThrow(/is not encrypted/);
  });

  test('has no content: the server removes memo fields by it', async () => {
    const nothing = { metadata: { encoding: Buffer.from('binary/null') }, data: new Uint8Array() };
    const strict = codec([first], { acceptPlain: false });
    expect(await strict.encode([nothing])).toEqual([nothing]);
    expect(await strict.decode([nothing])).toEqual([nothing]);
  });
});

test('messages and stacks of failures are encrypted too, with their causes and details', async () => {
  const encryption = {
    keys: [first],
    acceptPlain: true,
    codecServer: { host: '127.0.0.1', port: 1, token: null, origins: [] },
  };
  const converter = loadDataConverter(await dataConverterOf({ encryption, namespace: NAMESPACE }));
  const cause = ApplicationFailure.create({ message: `inner ${SECRET}`, details: [SECRET], type: 'Inner' });
  const error = ApplicationFailure.create({ message: `outer ${SECRET}`, cause });
  const failure = await encodeErrorToFailure(converter, error, workflow('w'));
  const written = JSON.stringify(failure, (_, value) =>
    value instanceof Uint8Array || value?.type === 'Buffer'
      ? Buffer.from(value.data ?? value).toString('latin1')
      : value,
  );
  expect(written).not.toContain('hunter2');
  const back = await decodeOptionalFailureToOptionalError(converter, failure, workflow('w'));
  expect(back?.message).toBe(`outer ${SECRET}`);
  expect(back?.cause).toMatchObject({ message: `inner ${SECRET}`, details: [SECRET] });
});
