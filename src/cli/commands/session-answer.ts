import { createInterface } from 'node:readline';
import { RekindleError } from '../../domain/error-codes.ts';
import { sessionText } from '../../domain/session.ts';
import type { CommandAction } from '../command-spec.ts';
import { EXIT } from '../exit-codes.ts';
import { sessionNameOf } from '../session-name.ts';
import { withSessions } from '../with-sessions.ts';

/** Gives a login that waits for a person the code that it asks for. */
export const run: CommandAction = async (context, [text = '', given = '']) => {
  const name = sessionNameOf(text);
  const code = given === '-' ? await firstLine() : given;
  if (code === '') throw new RekindleError('INVALID_INPUT', 'no code was given', { hint: 'Give the code.' });
  const { output } = context;
  const answered = await withSessions(context, 'rekindle session answer', (client) =>
    client.answerLogin(name, code),
  );
  const words = output.texts.session;
  const line = answered.accepted
    ? words.accepted(sessionText(name))
    : words.notAccepted(sessionText(name), answered.triesLeft);
  output.result({ accepted: answered.accepted, tries_left: answered.triesLeft }, [line]);
  return answered.accepted ? EXIT.ok : EXIT.failed;
};

/** Of standard input: what is typed as an argument can be seen by others on the machine. */
async function firstLine(): Promise<string> {
  for await (const line of createInterface({ input: process.stdin })) return line.trim();
  return '';
}
