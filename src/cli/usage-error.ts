import type { CommanderError } from 'commander';
import { RekindleError } from '../domain/error-codes.ts';
import type { Locale } from '../failures/index.ts';

/** Commander's sentences with what they quote, and the same in Chinese. What is in none of them stays English. */
const IN_CHINESE: readonly (readonly [said: RegExp, chinese: string])[] = [
  [/^no command was given$/, '没有给出命令'],
  [/^missing required argument '(.+)'$/, '缺少参数“$1”'],
  [/^option '(.+)' argument missing$/, '选项“$1”缺少取值'],
  [/^option '(.+)' argument '(.*)' is invalid\. The value of the option is missing\.$/s, '选项“$1”缺少取值'],
  [/^unknown option '(.+)'$/, '未知选项“$1”'],
  [/^unknown command '(.+)'$/, '未知命令“$1”'],
  [
    /^too many arguments(?: for '.+')?\. Expected (\d+) arguments? but got (\d+): (.*)\.$/s,
    '参数过多：应有 $1 个，实际为 $2 个：$3',
  ],
];
const DID_YOU_MEAN = /\n\(Did you mean (?:one of )?(.+)\?\)$/;

/** A wrong command line as an error like every other, in the language of the reader. */
export function usageError({ code, message }: CommanderError, locale: Locale): RekindleError {
  // Help that nobody asked for: a word is missing.
  const said = code === 'commander.help' ? 'no command was given' : message.replace(/^error: /, '');
  return new RekindleError('INVALID_INPUT', locale === 'en' ? said : inChinese(said), {
    hint: 'rekindle --help; rekindle <command> --help',
  });
}

function inChinese(said: string): string {
  const meant = DID_YOU_MEAN.exec(said)?.[1];
  const sentence = said.replace(DID_YOU_MEAN, '');
  const [pattern, chinese] = IN_CHINESE.find(([known]) => known.test(sentence)) ?? [];
  const translated = pattern && chinese ? sentence.replace(pattern, chinese) : sentence;
  return meant === undefined ? translated : `${translated}（是否想输入 ${meant}？）`;
}
