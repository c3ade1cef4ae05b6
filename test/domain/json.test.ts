import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findNonJson, isPlainObject } from '../../src/domain/json.ts';

describe('the search for what is no JSON', () => {
  it('finds nothing in what JSON can carry', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(findNonJson(value)).toBeUndefined();
      }),
    );
  });

  it.each([
    [undefined, 'value is a undefined'],
    [Number.POSITIVE_INFINITY, 'value is Infinity'],
    [{ at: new Date(0) }, 'at is a Date'],
    [{ chunks: [{ size: 1 }, { size: Number.NaN }] }, 'chunks[1].size is NaN'],
    [[() => 1], '[0] is a function'],
    [{ big: 1n }, 'big is a bigint'],
    [new Map(), 'value is a Map'],
  ])('names the first place that is none', (value, found) => {
    expect(findNonJson(value)).toBe(found);
  });
});

describe('a plain object', () => {
  it.each([
    [{}, true],
    [Object.create(null), true],
    [[], false],
    [null, false],
    [new Date(), false],
    ['text', false],
  ])('is told from everything else', (value, plain) => {
    expect(isPlainObject(value)).toBe(plain);
  });
});
