import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, test } from 'vitest';
import { suggestion } from '../../src/failures/index.ts';
import { tempDir } from '../support/temp-dir.ts';
import { type CliResult, rekindle } from './support/cli.ts';

const DISK = 'OSError: [Errno 28] No space left on device';
const KEYS = ['category', 'retry_type', 'rule', 'confidence', 'explanation'];

function answersOf({ stdout }: CliResult): Record<string, unknown>[] {
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
}

const categoriesOf = (result: CliResult) => answersOf(result).map(({ category }) => category);

/** A process whose input and output the test holds itself. */
function raw(args: readonly string[] = []) {
  const child = spawn('node_modules/.bin/node', ['bin/rekindle.js', 'classify', ...args], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  child.stdin.on('error', () => undefined);
  return child;
}

describe('messages as arguments', () => {
  test('give people the category, why, and what to do, and leave no files', async () => {
    const cwd = tempDir('classify');
    const { code, stdout, stderr } = await rekindle(['classify', DISK], { cwd });
    expect([code, stderr]).toEqual([0, '']);
    const said = { category: 'recoverable_system', rule: 'code.ENOSPC' } as never;
    for (const text of [DISK, 'recoverable_system', 'system_error', 'code.ENOSPC', suggestion(said, 'en')])
      expect(stdout).toContain(text);
    expect(stdout).not.toContain('{');
    expect(existsSync(join(cwd, 'data'))).toBe(false);
  });

  test('speak the language that is set', async () => {
    const { stdout } = await rekindle(['classify', DISK, '--locale', 'zh-CN']);
    expect(stdout).toContain('本机系统错误');
    expect(stdout).toContain('请清理磁盘空间');
  });

  test('send no commands to the terminal', async () => {
    const { stdout } = await rekindle(['classify', '\x1b]0;owned\x07 connection refused\nnext']);
    expect(stdout.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
    expect(stdout).toContain('recoverable_network');
  });

  test('give one line of JSON each with --json', async () => {
    const result = await rekindle(['classify', '--json', DISK, 'user not found', '']);
    expect(result.code).toBe(0);
    expect(categoriesOf(result)).toEqual(['recoverable_system', 'unrecoverable_business', 'unknown']);
    for (const answer of answersOf(result)) expect(Object.keys(answer)).toEqual(KEYS);
    expect(answersOf(result)[1]).toMatchObject({ retry_type: null });
  });

  test('may begin with a dash behind --', async () => {
    const result = await rekindle(['classify', '--json', '--', '--- connection refused']);
    expect(categoriesOf(result)).toEqual(['recoverable_network']);
  });
});

describe('lines of standard input', () => {
  test('are JSON or text; each gets one answer, in order, with or without --json', async () => {
    const lines = [
      `{"message":"${DISK}","task_type":"video_download"}`,
      'connect ECONNREFUSED 127.0.0.1:443',
      '',
      '{"message": "user not found"',
      '{"message":5,"error":"invalid api key"}',
      '{"message":"快递公司不支持","task_type":7}\r',
      '{"message":"a\u2028HTTP 503"}',
      'no signal here',
    ];
    const input = `\ufeff${lines.join('\n')}`;
    for (const args of [[], ['--json']]) {
      const result = await rekindle(['classify', ...args], { input });
      expect([result.code, result.stderr]).toEqual([0, '']);
      expect(categoriesOf(result)).toEqual([
        'recoverable_system',
        'recoverable_network',
        'unrecoverable_business',
        'unrecoverable_config',
        'unrecoverable_business',
        'recoverable_temporary',
        'unknown',
      ]);
      for (const answer of answersOf(result)) expect(Object.keys(answer)).toEqual(KEYS);
    }
  });

  test('that is empty gives nothing', async () => {
    expect(await rekindle(['classify'], { input: '' })).toMatchObject({ code: 0, stdout: '', stderr: '' });
  });

  test('are answered as they come', async () => {
    const child = raw();
    const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    for (const [message, category] of [
      ['read ECONNRESET\n', 'recoverable_network'],
      ['HTTP 429\n', 'recoverable_temporary'],
    ] as const) {
      child.stdin.write(message);
      expect(JSON.parse((await answers.next()).value ?? '')).toMatchObject({ category });
    }
    child.stdin.end();
    expect(await once(child, 'close')).toEqual([0, null]);
  });

  test('may be many, and long: memory stays flat', async () => {
    const child = raw();
    const memory = (): number => {
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
      return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024;
    };
    let answered = 0;
    child.stdout.on('data', (piece: Buffer) => {
      for (const byte of piece) if (byte === 10) answered++;
    });
    const send = async (lines: number): Promise<void> => {
      const wanted = answered + lines;
      for (let sent = 0; sent < lines; sent += 1000)
        if (!child.stdin.write(`{"message":"${DISK}","task_type":"t"}\n`.repeat(1000)))
          await once(child.stdin, 'drain');
      while (answered < wanted) await once(child.stdout, 'data');
    };
    await send(50_000);
    const before = memory();
    await send(100_000);
    expect(memory() - before).toBeLessThan(40);
    for (let mb = 0; mb < 100; mb++)
      if (!child.stdin.write('connection refused '.repeat(55_000))) await once(child.stdin, 'drain');
    child.stdin.write('\n');
    await once(child.stdout, 'data');
    expect(memory()).toBeLessThan(250);
    child.stdin.end();
    expect(await once(child, 'close')).toEqual([0, null]);
    expect(answered).toBe(150_001);
  });

  test('without end are left when nobody reads the answers any more', async () => {
    const child = raw();
    const closed = once(child, 'close');
    const flood = setInterval(() => child.stdin.write(`${DISK}\n`.repeat(100)), 5);
    await once(child.stdout, 'data');
    child.stdout.destroy();
    expect(await closed).toEqual([0, null]);
    clearInterval(flood);
  });

  test('end with Ctrl-C', async () => {
    const child = raw();
    child.stdin.write(`${DISK}\n`);
    await once(child.stdout, 'data');
    const closed = once(child, 'close');
    child.kill('SIGINT');
    expect(await closed).toEqual([130, null]);
  });
});
