import type { Notification } from '../../domain/notification.ts';
import { type SessionName, sessionText } from '../../domain/session.ts';
import type { SiteDescription } from '../../sites/index.ts';
import type { AskPerson, LoginChallenge } from '../login-types.ts';

/** What a site's challenge asks, and whom. */
export function challengeOf(
  site: SiteDescription,
  name: SessionName,
  hasTotp: boolean,
  locale: string,
): LoginChallenge {
  const { by, question, time_limit = 0 } = site.challenge ?? {};
  const texts: Record<string, string> = {
    'zh-CN': question?.['zh-CN'] ?? question?.en ?? `登录 ${sessionText(name)} 需要一次性验证码`,
    en: question?.en ?? question?.['zh-CN'] ?? `The login to ${sessionText(name)} needs a one-time code`,
  };
  return {
    by: by ?? (hasTotp ? 'totp' : 'person'),
    question: texts,
    what: `${texts[locale] ?? texts.en}: rekindle session answer ${sessionText(name)} CODE`,
    timeLimitMs: time_limit * 1000,
  };
}

/** Tells the user that a login waits; once for each run, however often the site asks in it. */
export function loginNeeded({
  name,
  question,
  untilMs,
  taskId,
  runId,
  nowMs,
}: AskPerson & {
  readonly taskId: string;
  readonly runId: string;
  readonly nowMs: number;
}): Notification {
  return {
    id: `login-${runId}`,
    kind: 'login_needed',
    audience: 'user',
    priority: 'high',
    occurredAtMs: nowMs,
    decidedAtMs: nowMs,
    login: { session: sessionText(name), taskId, question, untilMs },
  };
}
