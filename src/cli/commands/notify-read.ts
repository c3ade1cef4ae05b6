import { RekindleError } from '../../domain/error-codes.ts';
import type { MessagesRead, ReadMessages } from '../../domain/in-app-message.ts';
import { MONITORING_QUEUE } from '../../domain/queues.ts';
import { markMessagesRead } from '../../mirror/index.ts';
import type { CommandAction } from '../command-spec.ts';
import type { GlobalOptions } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { type NotifyTexts, notifyTexts } from '../notify-texts.ts';
import { withMirror } from '../read-mirror.ts';
import { askOwner, throughOwner } from '../through-owner.ts';

interface ReadOptions extends GlobalOptions {
  readonly all?: boolean;
  readonly team?: string;
}

/** Notes that in-app messages were read, also beside a running `up`; exit code 1 when one of them is not there. */
export const run: CommandAction<ReadOptions> = async (context, ids, options) => {
  const texts = notifyTexts(context.config.locale);
  const messages = messagesOf(ids, options, texts);
  // A mirror that is not there is not made.
  await withMirror(context, () => undefined);
  const { read, unknown } = await throughOwner<MessagesRead>(context, {
    purpose: 'rekindle notify read',
    alone: (mirror) => mirror.use((open) => markMessagesRead(open, messages)),
    beside: (client) =>
      askOwner(client, 'markMessagesRead', {
        taskQueue: MONITORING_QUEUE,
        workflowId: `messages-read/${messages.atMs}`,
        args: [messages],
        timeout: '2 minutes',
        signal: context.signal,
      }),
  });
  context.output.result({ read, unknown: [...unknown] }, [
    ...unknown.map(texts.noMessage),
    texts.marked(read),
  ]);
  return unknown.length > 0 ? EXIT.failed : EXIT.ok;
};

/** @throws {RekindleError} INVALID_INPUT */
function messagesOf(ids: readonly string[], { all, team }: ReadOptions, texts: NotifyTexts): ReadMessages {
  const chosen = all ? ids.length === 0 : ids.length > 0;
  if (!chosen) {
    const what = all ? texts.bothNamed : texts.nothingNamed;
    throw new RekindleError('INVALID_INPUT', what, { hint: texts.readHint });
  }
  return { ids: all ? null : [...new Set(ids)], team: team ?? null, atMs: Date.now() };
}
