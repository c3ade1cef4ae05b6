import { WorkflowIdReusePolicy } from '@temporalio/common';
import {
  condition,
  continueAsNew,
  defineSignal,
  ParentClosePolicy,
  setCurrentDetails,
  setHandler,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import { LISTED_TASKS, type Notification } from '../domain/notification.ts';
import {
  ADD_SIGNAL,
  type CarriedGroup,
  type DigestInput,
  type NotificationGroupInput,
  REMEMBER_MS,
  REMEMBERED_IDS,
} from '../domain/notification-group.ts';
import { notificationDelivery } from './notification-delivery.ts';
import { LogQueue } from './notification-log.ts';

const added = defineSignal<[readonly Notification[]]>(ADD_SIGNAL);

/** A message goes out when its lines are in the log file, or after this long when they cannot be written. */
const LOG_FIRST_MS = 5000;

/**
 * Collects notifications that are told together (its ID is their key): the first at once, those that come in a
 * quiet time as one message with a count at its end. A quiet time in which nothing came ends the storm; what comes later
 * is told at once again. The workflow stays for a day to know what it told.
 */
export async function notificationGroup(input: NotificationGroupInput): Promise<void> {
  const group = new Group(input);
  setHandler(added, (notifications) => group.add(notifications));
  await group.run();
}

class Group {
  readonly #input: NotificationGroupInput;
  readonly #log = new LogQueue();
  readonly #seen: Set<string>;
  #open: DigestInput | null;
  #digests: number;
  /** The quiet time that is passing; null: none. */
  #rest: CarriedGroup['rest'];
  #cameAtMs: number;

  constructor(input: NotificationGroupInput) {
    this.#input = input;
    const { carried } = input;
    this.#seen = new Set(carried?.seenIds);
    this.#open = carried?.open ?? null;
    this.#digests = carried?.digests ?? 0;
    this.#rest = carried?.rest ?? null;
    this.#cameAtMs = carried?.cameAtMs ?? Date.now();
  }

  add(notifications: readonly Notification[]): void {
    for (const one of notifications) {
      if (this.#seen.has(one.id)) continue;
      this.#seen.add(one.id);
      this.#cameAtMs = Date.now();
      this.#open = joined(this.#open, one);
      this.#log.add(one);
    }
    for (const id of this.#seen) {
      if (this.#seen.size <= REMEMBERED_IDS) break;
      this.#seen.delete(id);
    }
  }

  async run(): Promise<void> {
    do {
      if (!this.#rest) await this.#deliver();
      while (await this.#somethingCameWhileQuiet()) await this.#deliver();
    } while (await this.#somethingCameLater());
  }

  /** Sends what is open, and begins a quiet time that is twice the one before. */
  async #deliver(): Promise<void> {
    const { quietMs, maxQuietMs } = this.#input;
    if (this.#open === null) return;
    await this.#log.settled(LOG_FIRST_MS);
    const digest = this.#open;
    // At once: what comes while the delivery starts belongs to the next message.
    this.#open = null;
    await this.#startDelivery(digest);
    const ms = this.#rest ? Math.min(this.#rest.ms * 2, maxQuietMs) : quietMs;
    this.#rest = { ms, untilMs: Date.now() + ms };
    setCurrentDetails(
      `${this.#digests} message(s) sent. Quiet until ${new Date(this.#rest.untilMs).toISOString()}; what comes meanwhile is told then, with a count.`,
    );
  }

  async #startDelivery(digest: DigestInput): Promise<void> {
    this.#digests++;
    // The time makes it another than those of the group's earlier lives.
    const id = `${workflowInfo().workflowId}/${new Date().toISOString()}`;
    const { example, count } = digest;
    await startChild(notificationDelivery, {
      workflowId: id,
      args: [{ ...digest, id }],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
      staticSummary: `${count} × ${example.failure?.taskType ?? example.alert?.name ?? example.kind} → ${example.audience}`,
    });
  }

  async #somethingCameWhileQuiet(): Promise<boolean> {
    while (this.#rest && Date.now() < this.#rest.untilMs) {
      await condition(() => isFull(), this.#rest.untilMs - Date.now());
      if (isFull()) await this.#goOn();
    }
    if (this.#open !== null) return true;
    this.#rest = null;
    setCurrentDetails(`${this.#digests} message(s) sent. The next one goes out at once.`);
    return false;
  }

  /** Waits until something comes, or it is time to forget. The log has all the time it takes. */
  async #somethingCameLater(): Promise<boolean> {
    const untilMs = this.#cameAtMs + REMEMBER_MS;
    const wake = (): boolean => this.#open !== null || isFull();
    if (Date.now() < untilMs) await condition(wake, untilMs - Date.now());
    await condition(() => this.#log.idle || wake());
    if (isFull()) await this.#goOn();
    return this.#open !== null;
  }

  /** A storm makes a long history: goes on as a new run that knows what this one knows. */
  async #goOn(): Promise<never> {
    await this.#log.handOver();
    const carried: CarriedGroup = {
      seenIds: [...this.#seen],
      open: this.#open,
      rest: this.#rest,
      cameAtMs: this.#cameAtMs,
      digests: this.#digests,
    };
    const { quietMs, maxQuietMs } = this.#input;
    return continueAsNew<typeof notificationGroup>({ quietMs, maxQuietMs, carried });
  }
}

/** Whether the history is so long that a new one had better begin. */
function isFull(): boolean {
  return workflowInfo().continueAsNewSuggested;
}

function joined(open: DigestInput | null, one: Notification): DigestInput {
  const tasks = one.failure ? [one.failure.taskId] : [];
  if (!open) {
    const { occurredAtMs, decidedAtMs } = one;
    return {
      example: one,
      count: 1,
      firstAtMs: occurredAtMs,
      lastAtMs: occurredAtMs,
      taskIds: tasks,
      decidedAtMs,
      lastDecidedAtMs: decidedAtMs,
    };
  }
  return {
    ...open,
    count: open.count + 1,
    firstAtMs: Math.min(open.firstAtMs, one.occurredAtMs),
    lastAtMs: Math.max(open.lastAtMs, one.occurredAtMs),
    decidedAtMs: Math.min(open.decidedAtMs, one.decidedAtMs),
    lastDecidedAtMs: Math.max(open.lastDecidedAtMs, one.decidedAtMs),
    taskIds: [...new Set([...open.taskIds, ...tasks])].slice(0, LISTED_TASKS),
  };
}
