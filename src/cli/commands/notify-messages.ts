import type { JsonObject } from '../../domain/json.ts';
import { listMessages, type MirrorMessage } from '../../mirror/index.ts';
import type { CommandAction } from '../command-spec.ts';
import type { GlobalOptions } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { type NotifyTexts, notifyTexts } from '../notify-texts.ts';
import { withMirror } from '../read-mirror.ts';
import { wholeLine } from '../render/report.ts';
import { countOf } from '../since.ts';

interface MessagesOptions extends GlobalOptions {
  readonly team?: string;
  readonly unread?: boolean;
  readonly limit?: string;
}

/** Shows in-app messages, the latest first, from the mirror. Needs nothing running. */
export const run: CommandAction<MessagesOptions> = async (context, _args, { team, unread, limit }) => {
  const filter = {
    team,
    ...(unread ? { unread } : {}),
    limit: limit === undefined ? 20 : countOf('--limit', limit),
  };
  const messages = await withMirror(context, (mirror) => listMessages(mirror, filter));
  const texts = notifyTexts(context.config.locale);
  context.output.result(
    { messages: messages as unknown as JsonObject[] },
    messages.length > 0 ? messages.flatMap((one, i) => linesOf(one, i, texts)) : [texts.noMessages],
  );
  return EXIT.ok;
};

function linesOf(message: MirrorMessage, i: number, texts: NotifyTexts): string[] {
  const { id, updated_at, team, subject, body, read_at } = message;
  const state = read_at === null ? texts.unread : texts.read;
  const heading = `${updated_at}  ${team}  [${state}]  ${wholeLine(subject)}`;
  const lines = [...body.split('\n'), `${texts.id}: ${id}`];
  return [...(i > 0 ? [''] : []), heading, ...lines.map((line) => `  ${wholeLine(line)}`)];
}
