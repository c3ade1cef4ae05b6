/** The drill's account for people, in both languages, and as JSON. */
import type { JsonObject } from '../../domain/json.ts';
import { bytes } from '../render/amounts.ts';
import { type DrillAccount, type SeenFault, type Spread, spreadOf } from './account.ts';
import type { FaultKind } from './plan.ts';
import { PROMISES } from './promises.ts';

type Locale = 'zh-CN' | 'en';

const KINDS_ZH: Readonly<Record<FaultKind, string>> = {
  worker: '工作进程',
  spare: '备用进程',
  keeper: '镜像进程',
  supervisor: '主管进程',
  engine: '引擎',
  everything: '全部进程',
  network: '网络断开',
  'disk-full': '磁盘写满',
};

const en = {
  kind: (kind: FaultKind): string => kind,
  fault: (n: number, of: number, kind: string, inFlight: number) =>
    `${n}/${of} ${kind}: ${inFlight} downloads under way`,
  goneOn: (p50: string, max: string) => `gone on after ${p50}, the last after ${max}`,
  never: (n: number) => `${n} DID NOT GO ON`,
  head: 'What happened:',
  kills: (list: string) => `  faults: ${list}`,
  spread: (kind: string, { count, p50, p95, max }: Spread, promised: number) =>
    `  ${kind}: goes on after p50 ${s(p50)}, p95 ${s(p95)}, max ${s(max)} (${count} measured; promised p95 ≤ ${s(promised)})`,
  again: (again: string, all: string, each: string) =>
    `  sent again: ${again} beside ${all} of content, ${each} for each interrupted download`,
  lost: (lost: number, twice: number, all: number) => `  tasks: ${all}, lost ${lost}, done twice ${twice}`,
  repeated: (steps: number, wrong: number, budgets: number) =>
    `  finished steps repeated ${steps}, wrong content ${wrong}, retries booked on innocent tasks ${budgets}`,
  mirror: (before: string, seconds: string, after: string) =>
    `  the mirror agrees with Temporal: ${before} by itself after ${seconds}, ${after} after reconciliation`,
  recoveries: (completed: number, all: number, unrecorded: number) =>
    `  recovery sessions in the history: ${all}, completed ${completed}; kills that none tells of: ${unrecorded}`,
  kept: '✓ every promise was kept',
  broken: (list: string) => `✗ BROKEN: ${list}`,
  one: (promise: string, promised: number, found: string) =>
    `${promise} (promised ${promised}, found ${found})`,
};

const zh: typeof en = {
  kind: (kind) => KINDS_ZH[kind],
  fault: (n, of, kind, inFlight) => `${n}/${of} ${kind}：${inFlight} 个下载进行中`,
  goneOn: (p50, max) => `${p50} 后继续，最后一个 ${max}`,
  never: (n) => `${n} 个没有继续`,
  head: '经过：',
  kills: (list) => `  故障：${list}`,
  spread: (kind, { count, p50, p95, max }, promised) =>
    `  ${kind}：恢复用时 p50 ${s(p50)}，p95 ${s(p95)}，最长 ${s(max)}（${count} 次测量；承诺 p95 ≤ ${s(promised)}）`,
  again: (again, all, each) => `  重复发送 ${again}（内容共 ${all}），每个被中断的下载平均 ${each}`,
  lost: (lost, twice, all) => `  任务 ${all} 个，丢失 ${lost}，重复执行 ${twice}`,
  repeated: (steps, wrong, budgets) =>
    `  已完成步骤重复执行 ${steps} 次，内容错误 ${wrong} 个，无故消耗的重试 ${budgets} 次`,
  mirror: (before, seconds, after) =>
    `  镜像与 Temporal 一致：${seconds} 后自行达到 ${before}，核对后 ${after}`,
  recoveries: (completed, all, unrecorded) =>
    `  历史中的恢复会话 ${all} 个，完成 ${completed} 个；未被记录的中断 ${unrecorded} 次`,
  kept: '✓ 所有承诺均已兑现',
  broken: (list) => `✗ 未兑现：${list}`,
  one: (promise, promised, found) => `${promise}（承诺 ${promised}，实际 ${found}）`,
};

const TEXTS: Readonly<Record<Locale, typeof en>> = { en, 'zh-CN': zh };

/** One line for each fault, as it comes. */
export function faultLine(
  { kind, inFlight, goingOnMs }: SeenFault,
  number: number,
  of: number,
  locale: Locale,
): string {
  const texts = TEXTS[locale];
  const times = goingOnMs.filter((ms) => ms !== null);
  const spread = times.length > 0 ? spreadOf(times) : undefined;
  const never = goingOnMs.length - times.length;
  return [
    texts.fault(number, of, texts.kind(kind), inFlight),
    ...(spread ? [texts.goneOn(s(spread.p50), s(spread.max))] : []),
    ...(never > 0 ? [texts.never(never)] : []),
  ].join(locale === 'en' ? ', ' : '，');
}

/** The account in a few lines, the verdict last. */
export function accountLines(account: DrillAccount, locale: Locale): string[] {
  const texts = TEXTS[locale];
  const kills = Object.entries(account.kills) as [FaultKind, number][];
  const goingOn = Object.entries(account.goingOn) as [FaultKind, Spread][];
  const { broken } = account;
  return [
    '',
    texts.head,
    texts.kills(kills.map(([kind, n]) => `${texts.kind(kind)} ${n}`).join(', ')),
    ...goingOn.map(([kind, spread]) => texts.spread(texts.kind(kind), spread, PROMISES.goingOnMs[kind])),
    texts.again(bytes(account.bytesAgain), bytes(account.bytes), bytes(account.bytesAgainForEach)),
    texts.lost(account.tasksLost.length, account.tasksDoneTwice.length, account.tasks),
    texts.repeated(account.finishedStepsRepeated, account.wrongContent.length, account.budgetsBurnt),
    texts.mirror(percent(account.mirrorBefore), s(account.mirrorSettledMs), percent(account.mirrorAfter)),
    texts.recoveries(account.recoveriesCompleted, account.recoveries, account.killsUnrecorded.length),
    broken.length === 0
      ? texts.kept
      : texts.broken(
          broken
            .map(({ promise, promised, found }) => texts.one(promise, promised, number(found)))
            .join('; '),
        ),
  ];
}

/** As `--json` gives it: times in ms. */
export function jsonOf(account: DrillAccount): JsonObject {
  const { broken } = account;
  return {
    faults: { ...account.kills },
    going_on_ms: Object.fromEntries(
      Object.entries(account.goingOn).map(([kind, { count, p50, p95, max }]) => [
        kind,
        { count, p50: Math.round(p50), p95: Math.round(p95), max: Math.round(max) },
      ]),
    ),
    never_went_on: account.neverWentOn,
    tasks: account.tasks,
    bytes: account.bytes,
    bytes_again: account.bytesAgain,
    bytes_again_for_each: Math.round(account.bytesAgainForEach),
    tasks_lost: [...account.tasksLost],
    tasks_done_twice: [...account.tasksDoneTwice],
    finished_steps_repeated: account.finishedStepsRepeated,
    wrong_content: [...account.wrongContent],
    budgets_burnt: account.budgetsBurnt,
    mirror_before: account.mirrorBefore,
    mirror_settled_ms: Math.round(account.mirrorSettledMs),
    mirror_after: account.mirrorAfter,
    recoveries: account.recoveries,
    recoveries_completed: account.recoveriesCompleted,
    kills_unrecorded: [...account.killsUnrecorded],
    left_running: [...account.leftRunning],
    broken: broken.map(({ promise, promised, found }) => ({ promise, promised, found })),
    kept: broken.length === 0,
  };
}

function s(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}

function percent(share: number | null): string {
  return share === null ? '–' : `${(100 * share).toFixed(2)} %`;
}

function number(value: number | null): string {
  if (value === null) return '–';
  return Number.isInteger(value) ? String(value) : value.toFixed(3);
}
