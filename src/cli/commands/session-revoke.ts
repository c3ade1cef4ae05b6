import type { JsonObject } from '../../domain/json.ts';
import { sessionText } from '../../domain/session.ts';
import type { CommandAction } from '../command-spec.ts';
import { EXIT } from '../exit-codes.ts';
import { sessionNameOf } from '../session-name.ts';
import { withSessions } from '../with-sessions.ts';

/** Declares a session void; the next task that needs it logs in. */
export const run: CommandAction = async (context, [text = '']) => {
  const name = sessionNameOf(text);
  const { output } = context;
  const session = await withSessions(context, 'rekindle session revoke', (client) =>
    client.revokeSession(name),
  );
  output.result(session as unknown as JsonObject, [output.texts.session.revoked(sessionText(name))]);
  return EXIT.ok;
};
