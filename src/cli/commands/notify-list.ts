import { RekindleError } from '../../domain/error-codes.ts';
import type { JsonObject } from '../../domain/json.ts';
import { listDeliveries, listNotifications } from '../../mirror/index.ts';
import type { CommandAction } from '../command-spec.ts';
import type { GlobalOptions } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { notifyTexts } from '../notify-texts.ts';
import { withMirror } from '../read-mirror.ts';
import { oneLine } from '../render/report.ts';
import { table } from '../render/table.ts';
import { countOf } from '../since.ts';

interface ListOptions extends GlobalOptions {
  readonly audience?: string;
  readonly limit?: string;
}

const AUDIENCES = ['administrators', 'user'];

/** Lists the latest notifications and how their messages were delivered, from the mirror. Needs nothing running. */
export const run: CommandAction<ListOptions> = async (context, _args, { audience, limit: text }) => {
  if (audience !== undefined && !AUDIENCES.includes(audience)) {
    throw new RekindleError('INVALID_INPUT', `--audience ${audience} is no audience`, {
      hint: `Use one of ${AUDIENCES.join(', ')}.`,
    });
  }
  const limit = text === undefined ? 20 : countOf('--limit', text);
  const { notifications, deliveries } = await withMirror(context, (mirror) => ({
    notifications: listNotifications(mirror, { audience, limit }),
    deliveries: listDeliveries(mirror, { limit }),
  }));
  const texts = notifyTexts(context.config.locale);
  const told = notifications.map((one) => [
    one.decided_at,
    one.audience,
    one.task_type ?? '–',
    oneLine(one.title ?? one.message),
    one.task_id ?? '–',
    one.first_delivered_at ?? texts.onlyLogged,
  ]);
  const sent = deliveries.map((one) => [
    one.decided_at,
    one.channel,
    one.status,
    String(one.count),
    String(one.attempts),
    oneLine(one.last_error ?? ''),
  ]);
  const lines = [
    ...(told.length > 0 ? table([texts.columns, ...told]) : [texts.none]),
    ...(sent.length > 0 ? ['', ...table([texts.deliveries, ...sent])] : []),
  ];
  const result = { notifications, deliveries } as unknown as JsonObject;
  context.output.result(result, lines);
  return EXIT.ok;
};
