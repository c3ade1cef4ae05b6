import { describe, expect, it } from 'vitest';
import { ERROR_CODES, type ErrorCode, RekindleError } from '../../src/domain/error-codes.ts';
import { classify, classifyMessage } from '../../src/failures/index.ts';

const error = (fields: Record<string, unknown>, message = 'it failed'): Error =>
  Object.assign(new Error(message), fields);

describe('what an error carries in its fields', () => {
  it.each([
    [{ code: 'ECONNRESET' }, 'recoverable_network', 'network_error', 'code.ECONNRESET'],
    [{ code: 'EAI_AGAIN' }, 'recoverable_network', 'network_error', 'code.EAI_AGAIN'],
    [
      { code: 'UND_ERR_HEADERS_TIMEOUT' },
      'recoverable_network',
      'network_error',
      'code.UND_ERR_HEADERS_TIMEOUT',
    ],
    [{ code: 'ENOSPC' }, 'recoverable_system', 'system_error', 'code.ENOSPC'],
    [{ code: 'EACCES' }, 'recoverable_system', 'system_error', 'code.EACCES'],
    [{ errno: -104 }, 'recoverable_network', 'network_error', 'code.ECONNRESET'],
    [{ code: 'CERT_HAS_EXPIRED' }, 'unrecoverable_config', null, 'code.CERT_HAS_EXPIRED'],
    [{ code: 'SQLITE_BUSY' }, 'recoverable_temporary', 'temporary_error', 'code.SQLITE_BUSY'],
    [{ code: 'SQLITE_CONSTRAINT_UNIQUE' }, 'unrecoverable_data', null, 'code.SQLITE_CONSTRAINT_UNIQUE'],
    [{ code: '40P01' }, 'recoverable_temporary', 'temporary_error', 'sqlstate.40P01'],
    [{ code: '28P01' }, 'unrecoverable_config', 'auth_error', 'sqlstate.28P01'],
    [{ code: '23505' }, 'unrecoverable_data', null, 'sqlstate.23505'],
    [{ status: 429 }, 'recoverable_temporary', 'rate_limit_error', 'http.429'],
    [{ statusCode: 503 }, 'recoverable_temporary', 'temporary_error', 'http.503'],
    [{ response: { status: 401 } }, 'unrecoverable_config', 'auth_error', 'http.401'],
    [{ response: { status: 404 } }, 'unrecoverable_business', null, 'http.404'],
    [{ name: 'MongoServerError', code: 11000 }, 'unrecoverable_data', null, 'mongodb.11000'],
    [
      { name: 'ThrottlingException' },
      'recoverable_temporary',
      'rate_limit_error',
      'class.ThrottlingException',
    ],
  ])('%o is %s', (fields, category, retryType, rule) => {
    expect(classify(error(fields))).toMatchObject({ category, retryType, rule });
  });

  it.each(Object.keys(ERROR_CODES) as ErrorCode[])('of our own code %s decides by the table', (code) => {
    const { category, retryType } = ERROR_CODES[code];
    const own = new RekindleError(code, 'connection refused', { cause: error({ code: 'ENOSPC' }) });
    expect(classify(own)).toMatchObject({ category, retryType, rule: `own.${code}`, confidence: 1 });
  });

  it('counts of the innermost cause, not of its wrappers', () => {
    const wrapped = new Error('validation failed', {
      cause: new TypeError('fetch failed', { cause: error({ code: 'ENOTFOUND' }) }),
    });
    expect(classify(wrapped).rule).toBe('code.ENOTFOUND');
  });

  it('counts of a wrapper when the cause says nothing', () => {
    expect(classify(error({ status: 503, cause: new Error('x') })).rule).toBe('http.503');
  });

  it('is found in the members of an AggregateError', () => {
    const all = new AggregateError([error({ code: 'ECONNREFUSED' }), error({ code: 'ECONNREFUSED' })]);
    expect(classify(all).rule).toBe('code.ECONNREFUSED');
  });

  it('survives a chain of causes that leads in a circle, and fields that throw', () => {
    const a = new Error('a');
    const b = new Error('b', { cause: a });
    a.cause = b;
    expect(classify(a).category).toBe('unknown');
    const trap = {
      get message(): string {
        throw new Error('no');
      },
    };
    expect(classify(trap).category).toBe('unknown');
  });

  it.each([[null], [undefined], [''], [0], [{}], [new Error('')], [Symbol('x')]])(
    '%o is unknown',
    (thrown) => {
      expect(classify(thrown)).toMatchObject({
        category: 'unknown',
        retryType: 'unknown_error',
        confidence: 0,
      });
    },
  );
});

describe('the wait that a server asks for', () => {
  const now = Date.UTC(2026, 0, 1);
  it.each([
    ['seconds', { headers: { 'Retry-After': '120' } }, 120_000],
    ['a date', { headers: { 'retry-after': 'Thu, 01 Jan 2026 00:00:30 GMT' } }, 30_000],
    ['a date that is past', { headers: { 'retry-after': 'Wed, 31 Dec 2025 00:00:30 GMT' } }, 0],
    ['a Headers object', { response: { headers: new Headers({ 'retry-after': '5' }) } }, 5000],
    ['a flat list', { headers: ['Content-Type', 'text/html', 'Retry-After', '6'] }, 6000],
    ['far too long', { headers: { 'retry-after': '999999999' } }, 86_400_000],
    ['nonsense', { headers: { 'retry-after': 'soon' } }, undefined],
  ])('as %s is read', (_, fields, ms) => {
    expect(classify(error({ status: 503, ...fields }), { now }).retryAfterMs).toBe(ms);
  });

  it('is read from a text too', () => {
    expect(classifyMessage('HTTP 429, Retry-After: 30').retryAfterMs).toBe(30_000);
  });
});

describe('the structure of a text', () => {
  it.each([
    [
      '[NETWORK] Connection timeout: API服务器连接超时，请检查网络连接',
      'recoverable_network',
      'stated.NETWORK',
    ],
    [
      '[DATA] Validation failed: 快递单号格式不正确，应为10-20位数字或字母',
      'unrecoverable_data',
      'stated.DATA',
    ],
    ['Exception: [BUSINESS] connection refused', 'unrecoverable_business', 'stated.BUSINESS'],
    ['OSError: [Errno 111] Connection refused', 'recoverable_network', 'code.ECONNREFUSED'],
    ['[WinError 10060] 连接尝试失败', 'recoverable_network', 'code.ETIMEDOUT'],
    ['(1213, "Deadlock found")', 'recoverable_temporary', 'mysql.1213'],
    ['ORA-12541: TNS:no listener', 'recoverable_network', 'oracle.12541'],
    ['Msg 547, Level 16, State 0: conflict', 'unrecoverable_data', 'sqlserver.547'],
    ['SQLSTATE[42S02]: not here', 'unrecoverable_config', 'sqlstate.42S02'],
    ['curl: (60) trouble', 'unrecoverable_config', 'curl.60'],
    ['status code 502', 'recoverable_temporary', 'http.502'],
    ['HTTP/1.1 504 Gateway Time-out', 'recoverable_temporary', 'http.504'],
    ['the process exited with code 137', 'recoverable_system', 'exit.137'],
    ['rpc error: code = Unauthenticated desc = x', 'unrecoverable_config', 'code.UNAUTHENTICATED'],
    ['<StatusCode.DEADLINE_EXCEEDED>', 'recoverable_network', 'code.DEADLINE_EXCEEDED'],
  ])('%s', (text, category, rule) => {
    expect(classifyMessage(text)).toMatchObject({ category, rule });
  });

  it('does not take an amount for an HTTP status', () => {
    expect(classifyMessage('Error 500ms budget').category).toBe('unknown');
    expect(classifyMessage('received 503 bytes').category).toBe('unknown');
  });

  it('unwraps JSON error details, also inside each other', () => {
    const inner = JSON.stringify({
      error_type: 'TimeoutError',
      error_message: 'connection timeout',
      context: {},
      timestamp: 't',
    });
    const outer = JSON.stringify({ error_type: 'Exception', error_message: inner });
    expect(classifyMessage(`task failed: ${outer}`).category).toBe('recoverable_network');
  });

  it('lets the innermost cause of a stack trace win', () => {
    const java =
      'java.lang.IllegalArgumentException: bad value\n\tat A.b(A.java:1)\nCaused by: java.net.ConnectException: Connection refused';
    const python =
      'ConnectionRefusedError: [Errno 111] Connection refused\n\nDuring handling of the above exception, another exception occurred:\n\nTraceback (most recent call last):\n  File "a.py", line 1\nValueError: bad value';
    const dotnet =
      'System.FormatException: bad value ---> System.Net.Sockets.SocketException (111): Connection refused';
    for (const text of [java, python, dotnet])
      expect(classifyMessage(text).category).toBe('recoverable_network');
  });

  it('sees the error page behind a parser that met it', () => {
    const page =
      '<!DOCTYPE html><html><head><title>503 Service Temporarily Unavailable</title></head></html>';
    expect(classifyMessage(`JSONDecodeError: Expecting value: line 1 column 1\n${page}`).category).toBe(
      'recoverable_temporary',
    );
    expect(classify(error({ cause: new SyntaxError('Unexpected token <'), status: 502 })).category).toBe(
      'recoverable_temporary',
    );
    expect(classify(error({ body: page }, 'Unexpected token < in JSON')).category).toBe(
      'recoverable_temporary',
    );
  });

  it('is not misled by names in addresses and paths', () => {
    expect(classifyMessage('ECONNREFUSED https://api.courier.invalid/orders/not-found').category).toBe(
      'recoverable_network',
    );
    expect(classifyMessage('HTTP 503 from http://x.example/permission/denied/tracking').category).toBe(
      'recoverable_temporary',
    );
  });
});

describe('local and remote refusals', () => {
  it.each([
    ["Error: EACCES: permission denied, open '/var/log/a.log'", 'recoverable_system'],
    ["PermissionError: [Errno 13] Permission denied: 'out.pdf'", 'recoverable_system'],
    ['java.nio.file.AccessDeniedException: /srv/receipts', 'recoverable_system'],
    ['ERROR: permission denied for table orders', 'unrecoverable_config'],
    ['git@host: Permission denied (publickey).', 'unrecoverable_config'],
    ['AccessDenied: Access Denied when calling PutObject', 'unrecoverable_config'],
  ])('%s', (text, category) => {
    expect(classifyMessage(text).category).toBe(category);
  });
});

describe('limits', () => {
  it.each([
    ['429 Too Many Requests', 'recoverable_temporary', 'rate_limit_error'],
    ['HTTP 429: You exceeded your current quota, check your plan', 'unrecoverable_business', null],
    ['403 Forbidden: monthly quota exceeded', 'unrecoverable_business', null],
    ['请求过于频繁', 'recoverable_temporary', 'rate_limit_error'],
    ['套餐查询次数已用完', 'unrecoverable_business', null],
  ])('%s', (text, category, retryType) => {
    expect(classifyMessage(text)).toMatchObject({ category, retryType });
  });
});

describe('the documented examples', () => {
  it.each([
    ['connection timeout', 'recoverable_network'],
    ['network unreachable', 'recoverable_network'],
    ['memory error', 'recoverable_system'],
    ['disk space', 'recoverable_system'],
    ['permission denied', 'recoverable_system'],
    ['database connection failed', 'recoverable_temporary'],
    ['rate limit exceeded', 'recoverable_temporary'],
    ['invalid data format', 'unrecoverable_data'],
    ['malformed json', 'unrecoverable_data'],
    ['api key invalid', 'unrecoverable_config'],
    ['authentication failed', 'unrecoverable_config'],
    ['resource not found', 'unrecoverable_business'],
    ['courier not supported', 'unrecoverable_business'],
  ])('%s', (text, category) => {
    expect(classifyMessage(text).category).toBe(category);
  });

  it('of a database whose connection was refused is the network', () => {
    expect(classifyMessage('database connection failed: connection refused').category).toBe(
      'recoverable_network',
    );
  });
});

describe('TLS', () => {
  it.each([
    ['SSL: CERTIFICATE_VERIFY_FAILED unable to get local issuer certificate', 'unrecoverable_config'],
    ['certificate has expired', 'unrecoverable_config'],
    ['SSL_ERROR_SYSCALL in connection to api.example:443', 'recoverable_network'],
    ['remote host closed the connection during TLS handshake', 'recoverable_network'],
  ])('%s', (text, category) => {
    expect(classifyMessage(text).category).toBe(category);
  });
});

describe('all words together', () => {
  it('decide where no rule is certain, and are named', () => {
    const found = classifyMessage('The landlord took the shop back');
    expect(found).toMatchObject({ category: 'unrecoverable_business', rule: 'text.words' });
    expect(found.explanation).toMatch(
      /^The evidence “(?:[\w ]+, ){1,3}[\w ]+” speaks of .* \(rule text\.words\)\.$/,
    );
    expect(found.confidence).toBeLessThan(0.8);
  });

  it('do not talk a status or code away', () => {
    expect(classifyMessage('Request failed with status code 401').rule).toBe('http.401');
    expect(classifyMessage('Request failed with status code 404').rule).toBe('http.404');
    expect(classifyMessage("spawn ffmpeg ENOENT { errno: -2, code: 'ENOENT' }").category).toBe(
      'unrecoverable_config',
    );
  });
});

describe('an explanation', () => {
  it('names the evidence and the rule', () => {
    expect(classify(error({ code: 'ENOSPC' })).explanation).toBe(
      'The evidence “ENOSPC” speaks of a problem of this machine (rule code.ENOSPC).',
    );
  });

  it('is the same for equal errors', () => {
    const first = classifyMessage('database is locked');
    for (let i = 0; i < 3; i++) expect(classifyMessage('database is locked')).toEqual(first);
  });
});
