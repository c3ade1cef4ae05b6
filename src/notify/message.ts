import type { Digest, NotifiedAlert, NotifiedFailure, NotifiedLogin } from '../domain/notification.ts';
import { categoryName, explain, type Locale } from '../failures/index.ts';
import { ALERT_NAMES, ALERT_TEXTS } from '../monitoring/alert-texts.ts';
import { faultTitle } from '../monitoring/fault-texts.ts';
import { maskText } from '../secrets/mask-text.ts';
import { adviceOf } from './advice.ts';
import type { NotificationMessage } from './channel.ts';
import { textsOf } from './texts.ts';

/** A line of a message: what it is, and its value. */
type Line = readonly [label: string, value: string];

/** Puts a digest into words. @param team who it is for, see `teamOf`. */
export function messageOf(digest: Digest, team: string, locale: Locale): NotificationMessage {
  const { audience, priority } = digest.example;
  const subject = oneLine(subjectOf(digest, locale));
  const lines = linesOf(digest, locale).map(([label, value]) => [label, maskText(oneLine(value))] as const);
  const { colon } = textsOf(locale);
  return {
    id: digest.id,
    team,
    audience,
    priority,
    subject,
    text: lines.map(([label, value]) => `${label}${colon}${value}`).join('\n'),
    markdown: lines.map(([label, value]) => `**${label}**${colon}${harmless(value)}`).join('\n\n'),
    short: shortOf(digest, subject, colon),
    digest,
  };
}

/** The subject of a message. */
export function subjectOf({ example, count }: Digest, locale: Locale): string {
  const texts = textsOf(locale);
  const { kind, failure, alert } = example;
  if (failure)
    return (
      texts.failed(failure.taskType, categoryName(failure.info.category, locale)) +
      (count > 1 ? texts.times(count) : '')
    );
  if (kind === 'login_needed') return texts.loginNeeded(example.login?.session ?? '');
  if (kind === 'alert_raised') return texts.alertRaised(alertTitle(alert, locale));
  if (kind === 'alert_cleared') return texts.alertCleared(alertTitle(alert, locale));
  return texts.test;
}

/** What people call it, and the name that the configuration and the logs have. */
function alertTitle(alert: NotifiedAlert | undefined, locale: Locale): string {
  const name = alert?.name ?? '';
  const known = ALERT_NAMES.find((one) => one === name);
  const title = known ? ALERT_TEXTS[known][locale].title : faultTitle(name, locale);
  return title === undefined ? name : `${title} [${name}]`;
}

function linesOf(digest: Digest, locale: Locale): readonly Line[] {
  const { label, ...texts } = textsOf(locale);
  const { failure, alert, login } = digest.example;
  const time: Line = [label.time, timeOf(digest, locale)];
  if (failure) return [...failureLines(failure, digest, locale), time, ...endOf(failure, digest, locale)];
  if (login) return loginLines(login, locale);
  if (!alert) return [[label.what, texts.testText], time];
  const found: readonly Line[] =
    alert.detail === undefined
      ? [
          [label.value, amount(alert.value)],
          [label.threshold, amount(alert.threshold)],
        ]
      : [[label.what, alert.detail] as const].filter(([, value]) => value !== '');
  return [...found, time, [label.next, texts.alertNext]];
}

function failureLines({ taskType, info }: NotifiedFailure, digest: Digest, locale: Locale): Line[] {
  const { label } = textsOf(locale);
  const name = categoryName(info.category, locale);
  return [
    [label.type, taskType],
    [label.category, name === info.category ? name : `${name} (${info.category})`],
    [label.message, info.message],
    ...(info.hint ? [[label.hint, info.hint] as const] : []),
    ...(info.step ? [[label.step, info.step] as const] : []),
    ...(digest.count > 1 ? [[label.count, String(digest.count)] as const] : []),
  ];
}

function loginLines({ session, question, untilMs, taskId }: NotifiedLogin, locale: Locale): Line[] {
  const { label, ...texts } = textsOf(locale);
  return [
    [label.what, question[locale] ?? question.en ?? texts.loginNeeded(session)],
    [label.until, localTime(untilMs)],
    [label.tasks, taskId],
    [label.next, texts.loginNext(asArgument(session))],
  ];
}

function endOf(failure: NotifiedFailure, digest: Digest, locale: Locale): Line[] {
  const { label, ...texts } = textsOf(locale);
  const { info } = failure;
  return [
    [label.tasks, tasksOf(digest, locale)],
    [label.reason, reasonOf(failure, locale)],
    [label.suggestion, adviceOf(info, locale)],
    [label.evidence, explain(info, locale)],
    [label.next, texts.next(asArgument(failure.taskId))],
  ];
}

function reasonOf({ reason, recoveryAttempts, refusal }: NotifiedFailure, locale: Locale): string {
  const texts = textsOf(locale).reason;
  if (reason === 'attempts_used_up') return texts.attempts_used_up(recoveryAttempts);
  return reason === 'refused' ? texts.refused(refusal ?? '–') : texts[reason];
}

function tasksOf({ taskIds, count }: Digest, locale: Locale): string {
  const { list, more } = textsOf(locale);
  const left = count - taskIds.length;
  return [...taskIds, ...(left > 0 ? [more(left)] : [])].join(list);
}

function timeOf({ firstAtMs, lastAtMs }: Digest, locale: Locale): string {
  const [first, last] = [localTime(firstAtMs), localTime(lastAtMs)];
  return first === last ? first : textsOf(locale).span(first, last);
}

/** `2026-01-31 08:00:00 +08:00`: people's time of this host, with its zone, since readers may be elsewhere. */
export function localTime(ms: number): string {
  const at = new Date(ms);
  const two = (n: number): string => String(n).padStart(2, '0');
  const date = [at.getFullYear(), at.getMonth() + 1, at.getDate()].map(two).join('-');
  const time = [at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(':');
  const offset = -at.getTimezoneOffset();
  const zone = `${offset < 0 ? '-' : '+'}${two(Math.floor(Math.abs(offset) / 60))}:${two(Math.abs(offset) % 60)}`;
  return `${date} ${time} ${zone}`;
}

function shortOf({ example, taskIds }: Digest, subject: string, colon: string): string {
  const { failure, alert } = example;
  if (failure) return `${subject}${colon}${maskText(oneLine(failure.info.message))} [${taskIds[0] ?? ''}]`;
  if (alert?.detail !== undefined)
    return alert.detail === '' ? subject : `${subject}${colon}${maskText(oneLine(alert.detail))}`;
  return alert ? `${subject} (${amount(alert.value)} / ${amount(alert.threshold)})` : subject;
}

function amount(value: number): string {
  return String(Number(value.toPrecision(4)));
}

function oneLine(text: string): string {
  return text.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim();
}

/** Chat robots read `<@all>` and `<font …>` as commands; an error message must not give any. */
function harmless(text: string): string {
  return text.replaceAll('<', '＜').replaceAll('>', '＞');
}

/** A task ID as a shell takes it. */
function asArgument(id: string): string {
  return /^[\w./:@+,%=-]+$/.test(id) ? id : `'${id.replaceAll("'", `'\\''`)}'`;
}
