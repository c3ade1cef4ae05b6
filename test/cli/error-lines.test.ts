import { describe, expect, test } from 'vitest';
import { failureLines } from '../../src/cli/render/failure.ts';
import { textsOf } from '../../src/cli/texts.ts';
import type { FailureInfo } from '../../src/domain/failure.ts';
import { failureOfCode } from '../../src/domain/failure-of-code.ts';
import { classifyMessage } from '../../src/failures/index.ts';
import { tempDir } from '../support/temp-dir.ts';
import { rekindle } from './support/cli.ts';

async function saidInChinese(...args: string[]): Promise<string[]> {
  const { stderr } = await rekindle(args, { cwd: tempDir('lines'), env: { REKINDLE_LOCALE: 'zh-CN' } });
  return stderr.trimEnd().split('\n');
}

describe('an error in Chinese', () => {
  test('begins with what its code means, then gives its details and what to do', async () => {
    expect(await saidInChinese('failure', 'list')).toEqual([
      '错误：镜像文件无法打开、读取或写入',
      expect.stringMatching(/^ {6}the mirror .+ does not exist$/),
      expect.stringMatching(/^ {6}`rekindle up` 会创建镜像/),
      expect.stringMatching(/^ {6}\S/),
    ]);
  });

  test.each([
    [['downlaod'], '未知命令“downlaod”（是否想输入 download？）'],
    [['task', 'show'], '缺少参数“id”'],
    [['download', 'http://127.0.0.1:9/a', '--forse'], '未知选项“--forse”（是否想输入 --force？）'],
    [['download', 'http://127.0.0.1:9/a', '--to'], '选项“--to <dir>”缺少取值'],
    [['download', 'http://127.0.0.1:9/a', '--to', '--json'], '选项“--to <dir>”缺少取值'],
    [['stats', 'a', 'b'], '参数过多：应有 0 个，实际为 2 个：a, b'],
    [['notify'], '没有给出命令'],
  ])('tells what is wrong with the command line %j', async (args, said) => {
    const lines = await saidInChinese(...args);
    expect(lines.slice(-4)).toEqual([
      '错误：参数或输入内容有误',
      `      ${said}`,
      '      请更正所指出的参数或字段。',
      '      rekindle --help; rekindle <command> --help',
    ]);
  });
});

describe('below the message of a download that failed', () => {
  const info: FailureInfo = {
    ...classifyMessage('HTTP 503 Service Unavailable'),
    message: 'HTTP 503',
    errorType: 'Error',
    hint: null,
    step: 'probe',
    attempts: {},
  };

  test('stand its category and what to do, in the language of the reader', () => {
    expect(failureLines(info, textsOf('en'), 'en')).toEqual([
      '       category: recoverable_temporary (a service that is not available for now)',
      '       what to do: The service is overloaded or under maintenance.',
    ]);
    expect(failureLines(info, textsOf('zh-CN'), 'zh-CN')).toEqual([
      '      类别：recoverable_temporary（服务暂时不可用）',
      '      建议：对方服务繁忙或正在维护。',
    ]);
  });

  test('stands the advice of the error itself, which knows more; to a Chinese reader beside the translated one', () => {
    const hinted = { ...info, hint: 'Use --force.' };
    expect(failureLines(hinted, textsOf('en'), 'en')).toEqual([expect.any(String), '       Use --force.']);
    expect(failureLines(hinted, textsOf('zh-CN'), 'zh-CN')).toHaveLength(3);
  });

  test('stands in Chinese what an error of ours means, whose message is English', () => {
    const full = { ...info, ...failureOfCode('DISK_FULL', 'no room for 5 bytes', 'reserve') };
    expect(failureLines(full, textsOf('zh-CN'), 'zh-CN')).toEqual([
      '      磁盘空间或配额已用完',
      '      类别：recoverable_system（本机系统错误）',
      '      建议：请清理磁盘空间或提高配额。',
    ]);
    expect(failureLines(full, textsOf('en'), 'en')).toHaveLength(2);
  });
});
