import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  checkpointProblems,
  InvalidCheckpointError,
  makeCheckpoint,
  parseCheckpoint,
} from '../../src/domain/checkpoint.ts';

const NOON = Date.UTC(2026, 0, 2, 12);

describe('a checkpoint', () => {
  it('carries the documented fields', () => {
    expect(makeCheckpoint('downloading', 2, { downloaded_bytes: 7, chunk_index: 1 }, NOON)).toEqual({
      step: 'downloading',
      step_index: 2,
      data: { downloaded_bytes: 7, chunk_index: 1 },
      timestamp: '2026-01-02T12:00:00.000Z',
    });
  });

  it('comes back from JSON as it was', () => {
    const object = fc.dictionary(fc.string(), fc.jsonValue());
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.nat(), object, (step, index, data) => {
        const json = JSON.parse(JSON.stringify(data)) as Record<string, never>;
        const made = makeCheckpoint(step, index, json, NOON);
        expect(parseCheckpoint(JSON.parse(JSON.stringify(made)))).toEqual(made);
      }),
    );
  });

  it.each([
    ['no object', 'text', /expected an object, found "text"/],
    ['a list', [], /found a list/],
    ['nothing at all', null, /found null/],
    ['no step', { step_index: 0, data: {}, timestamp: '2026-01-01' }, /step is missing/],
    ['an empty step', { step: '', step_index: 0, data: {}, timestamp: '2026-01-01' }, /step is ""/],
    [
      'a step before the first',
      { step: 'a', step_index: -1, data: {}, timestamp: '2026-01-01' },
      /step_index is -1/,
    ],
    ['half a step', { step: 'a', step_index: 0.5, data: {}, timestamp: '2026-01-01' }, /step_index is 0.5/],
    ['no time', { step: 'a', step_index: 0, data: {}, timestamp: 'noon' }, /timestamp is "noon"/],
    [
      'data that is a list',
      { step: 'a', step_index: 0, data: [], timestamp: '2026-01-01' },
      /data is a list/,
    ],
    [
      'data that is no JSON',
      { step: 'a', step_index: 0, data: { n: Number.NaN }, timestamp: '2026-01-01' },
      /data\.n is NaN/,
    ],
  ])('with %s is refused', (_, value, message) => {
    expect(() => parseCheckpoint(value)).toThrow(InvalidCheckpointError);
    expect(() => parseCheckpoint(value)).toThrow(message);
  });

  it('with several faults names them all', () => {
    expect(() => parseCheckpoint({ step: 1, data: 2 })).toThrow(
      'step is 1; step_index is missing; timestamp is missing; data is 2',
    );
  });

  it('names every place of its data that is no JSON, the first 20 of very many', () => {
    const data = { a: [1, Number.NaN], b: { at: new Date(0), fine: 'x' } };
    const checkpoint = { step: 'a', step_index: 0, data, timestamp: '2026-01-01' };
    expect(checkpointProblems(checkpoint)).toEqual(['data.a[1] is NaN', 'data.b.at is a Date']);
    const many = Array.from({ length: 1000 }, () => Number.NaN);
    expect(checkpointProblems({ ...checkpoint, data: { many } })).toHaveLength(20);
  });

  it('has to fit the steps of its task where they are known', () => {
    const steps = ['probe', 'transfer'];
    const of = (step: string, index: number) =>
      checkpointProblems({ step, step_index: index, data: {}, timestamp: '2026-01-01' }, steps);
    expect(of('transfer', 1)).toEqual([]);
    expect(of('transfer', 0)).toEqual(['step_index is 0; that of "transfer" is 1']);
    expect(of('gone', 0)).toEqual(['step is "gone", which the task has not; its steps are probe, transfer']);
  });
});
