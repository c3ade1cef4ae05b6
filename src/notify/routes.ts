import type { Digest } from '../domain/notification.ts';
import type { NotificationSettings } from './resolve-settings.ts';

/** Name of the channel that a handler in code is. */
export const handlerChannel = (taskType: string): string => `handler:${taskType}`;

/** The team that a digest is for: that of the first route that fits, else that of its audience. */
export function teamOf({ example }: Digest, { routes }: Pick<NotificationSettings, 'routes'>): string {
  const { audience, failure } = example;
  const route = routes.find(
    ({ taskTypes, categories, audience: wanted }) =>
      fits(taskTypes, failure?.taskType) &&
      fits(categories, failure?.info.category) &&
      (wanted === null || wanted === audience),
  );
  return route?.team ?? (audience === 'user' ? 'users' : 'administrators');
}

function fits(wanted: readonly string[] | null, value: string | undefined): boolean {
  return wanted === null || (value !== undefined && wanted.includes(value));
}

/** The channels that a digest goes to: those of its team, and the handler of its task type when there is one. */
export function channelsOf(
  digest: Digest,
  settings: Pick<NotificationSettings, 'routes' | 'teams'>,
  has: (channel: string) => boolean,
): string[] {
  const names = settings.teams[teamOf(digest, settings)] ?? [];
  const { failure } = digest.example;
  const handler = failure && handlerChannel(failure.taskType);
  return [...new Set([...names, ...(handler && has(handler) ? [handler] : [])])];
}
