import { expect, test } from 'vitest';
import { downloadTaskId } from '../../src/client/task-id.ts';

const input = { url: 'https://host/a/lesson%201.mp4?key=s3cret', directory: '/videos' };

test('the same address to the same target is the same task', () => {
  expect(downloadTaskId({ ...input })).toBe(downloadTaskId(input));
});

test.each([
  ['another address', { ...input, url: `${input.url}2` }],
  ['another directory', { ...input, directory: '/other' }],
  ['another name', { ...input, fileName: 'x.mp4' }],
])('%s is another task', (_what, other) => {
  expect(downloadTaskId(other)).not.toBe(downloadTaskId(input));
});

test('credentials do not make another task, nor can they be guessed by its id', () => {
  const withPassword = (password: string) => ({ ...input, url: `https://me:${password}@host/a/lesson.mp4` });
  expect(downloadTaskId(withPassword('hunter2'))).toBe(downloadTaskId(withPassword('hunter3')));
});

test('it can be read, is short and shows no secret', () => {
  const id = downloadTaskId({ ...input, url: 'https://me:hunter2@host/lesson.mp4?key=s3cret' });
  expect(id).toMatch(/^download-lesson\.mp4-[0-9a-f]{12}$/);
  expect(downloadTaskId({ ...input, fileName: `${'课'.repeat(300)}` })).toMatch(
    /^download-file-[0-9a-f]{12}$/,
  );
  expect(downloadTaskId({ ...input, url: `https://host/${'a'.repeat(999)}` }).length).toBeLessThan(70);
});
