import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fingerprintOf, nameOf } from '../../src/report/fingerprint.ts';
import { LONGEST_TEMPLATE, templateOf } from '../../src/report/template.ts';

const masked = (message: string) => templateOf(message).template;

/** Pieces that messages are made of, joined in any order: far nearer to real messages than random characters. */
const pieces = fc.constantFrom(
  ...[
    'connect',
    'ECONNREFUSED',
    'failed',
    'and/or',
    'utf8',
    'a_1b2',
    '任务',
    '失败',
    '，',
    '：',
    '第',
    '次',
    'task-',
  ],
  ...[
    '12',
    '-5',
    '3.14',
    '1,234',
    '30s',
    '404',
    'status',
    'HTTP/1.1',
    '2023-12-01',
    '14:00:00',
    '12:5',
    '0xff',
  ],
  ...[
    '10.0.0.7:5432',
    'db1.example.com',
    'https://u:p@h.io:81/a?b=1#c',
    '/data/x.mp4',
    'C:\\a\\b',
    '../x',
    '::1',
  ],
  ...['"', "'", '`', '“', '”', '「', '」', '"message":', 'error=', '{', '}', ',', '<', '>', '<num>', '<str>'],
  ...[
    ' ',
    ' ',
    ' ',
    '\n',
    '.',
    ':',
    '/',
    '\\',
    '-',
    '+',
    '@',
    '~',
    '%',
    '=',
    '(',
    ')',
    '😀',
    'é',
    '１２',
    '://',
  ],
);
const messages = fc.oneof(
  fc.array(pieces, { maxLength: 40 }).map((list) => list.join('')),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ unit: fc.constantFrom(...' "\'/\\.:-@<>a1，'), maxLength: 60 }),
);

describe('the template of a message', () => {
  it.each([
    ['connect ECONNREFUSED 10.0.0.7:5432', 'connect ECONNREFUSED <host>'],
    ['getaddrinfo ENOTFOUND db.prod.zone', 'getaddrinfo ENOTFOUND <host>'],
    ['GET https://u:p@api.example.com:8443/v1?k=1 failed', 'GET <url> failed'],
    [
      "ENOENT: no such file or directory, open '/data/videos/3.mp4'",
      'ENOENT: no such file or directory, open <str>',
    ],
    ['cat: /etc/shadow: permission denied', 'cat: <path>: permission denied'],
    ['cannot open C:\\videos\\a b', 'cannot open <path> b'],
    ['order 7c9e6679-7425-40de-944b-e07fc1f90ae7 is gone', 'order <id> is gone'],
    ['commit 3f2a9bc1 and key a8Xk2Lm9', 'commit <id> and key <id>'],
    ['at 2023-12-01 14:00:00,123 and 2023-12-01T14:00:00Z', 'at <time> and <time>'],
    [
      'timeout of 3000ms, 5 tries, -1.5 left, 80% done',
      'timeout of <num>, <num> tries, <num> left, <num>% done',
    ],
    ['mail to an.na@example.org', 'mail to <email>'],
    ["user 'anna' can't read “秘密.txt”", "user <str> can't read <str>"],
    [
      '任务123下载失败：第３次重试，文件/data/a/b不存在',
      '任务<num>下载失败：第<num>次重试，文件<path>不存在',
    ],
    ['用户《张三》的密码“123”不正确', '用户<str>的密码<str>不正确'],
  ])('of %s masks what varies', (message, template) => {
    expect(masked(message)).toBe(template);
  });

  it.each([
    'java.net.SocketTimeoutException: Read timed out',
    'read and/or write over TCP/IP failed',
    '网络连接超时，请检查网络设置',
    'ORA-12541: TNS:no listener',
  ])('of %s is the message itself, since nothing in it varies', (message) => {
    expect(masked(message)).toBe(message);
  });

  it('keeps the status of an HTTP answer, which says what happened, whatever other numbers are there', () => {
    expect(masked('Request 17 failed with status code 503')).toBe(
      'Request <num> failed with status code 503',
    );
    expect(masked('HTTP/1.1 404 Not Found')).toBe('HTTP/1.1 404 Not Found');
    expect(masked('请求失败，状态码：429')).toBe('请求失败，状态码：429');
    expect(masked('exit code 137')).toBe('exit code <num>');
  });

  it('reads a quoted sentence and the message of JSON error details on, and masks quoted values', () => {
    expect(masked(`(1142, "INSERT command denied to user 'few'@'localhost'")`)).toBe(
      '(<num>, "INSERT command denied to user <str>@<str>")',
    );
    expect(masked('{"error_type":"IOError","error_message":"disk 3 is full","context":"job 8"}')).toBe(
      '{"error_type":"IOError","error_message":"disk <num> is full","context":<str>}',
    );
  });

  it('is its own template', () => {
    fc.assert(
      fc.property(messages, (message) => {
        const template = masked(message);
        expect(masked(template)).toBe(template);
      }),
      { numRuns: 5000 },
    );
  });

  it('is never longer than its limit', () => {
    fc.assert(
      fc.property(fc.array(messages, { maxLength: 30 }), (list) => {
        expect(masked(list.join(' ')).length).toBeLessThanOrEqual(LONGEST_TEMPLATE);
      }),
    );
  });

  it('names the first host of the message, without port and credentials', () => {
    const hostOf = (message: string) => templateOf(message).host;
    expect(hostOf('GET https://u:p@API.example.com:8443/v1 failed, see https://docs.io')).toBe(
      'api.example.com',
    );
    expect(hostOf('connection to server at "127.0.0.1", port 5544 failed')).toBe('127.0.0.1');
    expect(hostOf('ipv4:10.1.2.3:443: refused')).toBe('10.1.2.3');
    expect(hostOf('java.net.ConnectException: refused')).toBeUndefined();
  });
});

describe('the fingerprint of a message', () => {
  const numbers = fc.nat({ max: 1e9 });

  it('is the same whatever the numbers are', () => {
    const message = fc.constantFrom(
      (n: number) => `task ${n} failed after ${n} tries`,
      (n: number) => `worker-${n} lost chunk ${n}/${n}`,
      (n: number) => `任务${n}失败，已重试${n}次`,
      (n: number) => `face${n} at line ${n}:${n}`,
      (n: number) => `open '/data/${n}.mp4' took ${n}ms`,
      (n: number) => `GET http://host${n}.example.com:${n}/x/${n} refused`,
    );
    fc.assert(
      fc.property(message, numbers, numbers, (make, a, b) => {
        expect(fingerprintOf(make(a)).fingerprint).toBe(fingerprintOf(make(b)).fingerprint);
      }),
    );
  });

  it('differs when the words differ', () => {
    const names = ['read timeout on 10.0.0.1', 'write timeout on 10.0.0.1', '读取超时', '写入超时'].map(
      (message) => fingerprintOf(message).fingerprint,
    );
    expect(new Set(names).size).toBe(4);
  });

  it('never changes from one version to the next', () => {
    expect(fingerprintOf('connect ECONNREFUSED 10.0.0.7:5432')).toEqual({
      fingerprint: nameOf('connect ECONNREFUSED <host>'),
      template: 'connect ECONNREFUSED <host>',
      host: '10.0.0.7',
    });
    expect(nameOf('connect ECONNREFUSED <host>')).toMatchInlineSnapshot(`"c6317570846c5d88"`);
  });

  it('of a message made to be slow takes a few milliseconds at most', () => {
    const nasty = ['a://', '"', "'a ", '/a', '1:', 'a@', 'a.', '-1', '“', '<', '\\', '::', '{"', 'a.a@'].map(
      (part) => part.repeat(1_000_000 / part.length),
    );
    for (const message of nasty) {
      const times = Array.from({ length: 5 }, () => {
        const start = performance.now();
        fingerprintOf(message);
        return performance.now() - start;
      });
      expect(Math.min(...times)).toBeLessThan(10);
    }
  });
});
