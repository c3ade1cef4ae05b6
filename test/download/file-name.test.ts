import fc from 'fast-check';
import { expect, it } from 'vitest';
import { checkFileName, fileNameOf, safeFileName } from '../../src/download/file-name.ts';

it.each([
  ['video.mp4', 'video.mp4'],
  ['../../etc/passwd', 'passwd'],
  ['/etc/cron.d/evil', 'evil'],
  ['C:\\Windows\\system32\\cmd.exe', 'cmd.exe'],
  ['..', 'download'],
  ['', 'download'],
  ['   ', 'download'],
  ['CON', '_CON'],
  ['nul.txt', '_nul.txt'],
  ['com1.tar.gz', '_com1.tar.gz'],
  ['console.log', 'console.log'],
  ['.bashrc', '_bashrc'],
  ['a\u0000b\nc.txt', 'abc.txt'],
  ['exe.\u202e4pm', 'exe.4pm'],
  ['a<b>:c?.txt', 'a_b__c_.txt'],
  ['name. . ', 'name'],
  ['学习视频 第1课.mp4', '学习视频 第1课.mp4'],
  ['x.rekindle.part', '_x_rekindle_part'],
])('makes of the proposed name %j the safe name %j', (proposed, safe) => {
  expect(safeFileName(proposed)).toBe(safe);
});

it('cuts a long name between characters and keeps its extension', () => {
  const name = safeFileName(`${'课'.repeat(300)}.tar.gz`);
  expect(name.endsWith('课.tar.gz')).toBe(true);
  expect(Buffer.byteLength(`${name}.rekindle.map.12345678`)).toBeLessThanOrEqual(255);
  expect(name.isWellFormed()).toBe(true);
});

it('makes of anything a name that stays in its directory and fits', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (proposed) => {
      const name = safeFileName(proposed);
      expect(name).not.toMatch(/[/\\\0]|^\.|^$/);
      expect(Buffer.byteLength(name)).toBeLessThanOrEqual(233);
      expect(safeFileName(name)).toBe(name);
      expect(checkFileName(name)).toBe(name);
    }),
    { numRuns: 1000 },
  );
});

it.each([
  ['attachment; filename="a b.pdf"', 'a b.pdf'],
  ['attachment; filename=plain.pdf', 'plain.pdf'],
  [`attachment; filename="fallback.txt"; filename*=UTF-8''%e5%ad%a6%20%e4%b9%a0.txt`, '学 习.txt'],
  [`attachment; filename*=iso-8859-1'en'%A3%20rates.txt`, '£ rates.txt'],
  [`attachment; filename*=martian''x; filename=ok.txt`, 'ok.txt'],
  ['attachment; filename="say \\"hi\\".txt"', 'say _hi_.txt'],
  ['attachment; filename="../../../etc/passwd"', 'passwd'],
  ['attachment; filename="/abs/olute"', 'olute'],
  [`attachment; filename*=UTF-8''..%2f..%2fevil.sh`, 'evil.sh'],
  ['attachment; filename="aux.mp4"', '_aux.mp4'],
  [`attachment; filename="${Buffer.from('课.mp4').toString('latin1')}"`, '课.mp4'],
  ['inline', 'path.bin'],
])('reads %j as the name %j', (header, name) => {
  expect(fileNameOf('http://x/a/path.bin?y=1', header)).toBe(name);
});

it.each([
  ['http://x/%E5%AD%A6.mp4', '学.mp4'],
  ['http://x/..%2f..%2fetc%2fpasswd', 'passwd'],
  ['http://x/100%', '100%'],
  ['http://x/', 'download'],
])('takes the name from the address %s', (url, name) => {
  expect(fileNameOf(url, undefined)).toBe(name);
});

it.each([
  ['../x', 'TARGET_OUTSIDE'],
  ['/etc/passwd', 'TARGET_OUTSIDE'],
  ['a/../../b', 'TARGET_OUTSIDE'],
  ['..\\x', 'TARGET_OUTSIDE'],
  ['a/b', 'INVALID_INPUT'],
  ['', 'INVALID_INPUT'],
  ['a\nb', 'INVALID_INPUT'],
  ['x.rekindle.map', 'INVALID_INPUT'],
  ['长'.repeat(90), 'INVALID_INPUT'],
])("refuses a user's name %j with %s", (name, code) => {
  expect(() => checkFileName(name)).toThrow(expect.objectContaining({ code }));
});
