import type { JsonObject } from '../../domain/json.ts';
import type { CommandAction } from '../command-spec.ts';
import { EXIT } from '../exit-codes.ts';
import { sessionLines } from '../render/session.ts';
import { sessionNameOf } from '../session-name.ts';
import { withSessions } from '../with-sessions.ts';

/** Shows how one session stands; never what it holds. */
export const run: CommandAction = async (context, [text = '']) => {
  const name = sessionNameOf(text);
  const session = await withSessions(context, 'rekindle session show', (client) => client.session(name));
  context.output.result(session as unknown as JsonObject, sessionLines(session, context.output.texts));
  return EXIT.ok;
};
