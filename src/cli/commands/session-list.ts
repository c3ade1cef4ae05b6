import type { JsonObject } from '../../domain/json.ts';
import type { CommandAction } from '../command-spec.ts';
import { EXIT } from '../exit-codes.ts';
import { sessionTable } from '../render/session.ts';
import { withSessions } from '../with-sessions.ts';

/** Lists the sessions with sites. */
export const run: CommandAction = async (context) => {
  const { output } = context;
  const sessions = await withSessions(context, 'rekindle session list', (client) => client.sessions());
  const lines = sessions.length > 0 ? sessionTable(sessions, output.texts) : [output.texts.session.none];
  output.result({ sessions: sessions as unknown as JsonObject[] }, lines);
  return EXIT.ok;
};
