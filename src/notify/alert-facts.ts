import type { NotifiedAlert } from '../domain/notification.ts';
import { maskText } from '../secrets/mask-text.ts';

/** An alert as log lines and webhooks have it. */
export function alertFacts({ name, value, threshold, detail }: NotifiedAlert) {
  return { alert: name, value, threshold, ...(detail === undefined ? {} : { detail: maskText(detail) }) };
}
