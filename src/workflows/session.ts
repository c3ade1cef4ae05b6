/** The workflow of a session: one for each account with a site, as long as anybody needs it. */
import {
  defineSearchAttributeKey,
  SearchAttributeType,
  TypedSearchAttributes,
  WorkflowExecutionAlreadyStartedError,
  WorkflowIdReusePolicy,
} from '@temporalio/common';
import {
  allHandlersFinished,
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  defineUpdate,
  isCancellation,
  log,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  startChild,
  TemporalFailure,
  workflowInfo,
} from '@temporalio/workflow';
import type { SessionActivities } from '../activities/session-types.ts';
import { isPlainObject } from '../domain/json.ts';
import type { LoginInput, LoginResult } from '../domain/login.ts';
import { MONITORING_QUEUE } from '../domain/queues.ts';
import {
  ACQUIRE_SESSION_UPDATE,
  type AcquireAnswer,
  type AcquireRequest,
  LOGIN_UPDATE,
  LOGIN_WAITS_SIGNAL,
  LOGIN_WORKFLOW,
  type LoginRequest,
  type LoginStarted,
  type LoginWaits,
  loginTaskId,
  REVOKE_UPDATE,
  type SavedSession,
  SESSION_SAVED_SIGNAL,
  SESSION_STATE_QUERY,
  type SessionInput,
  type SessionView,
  sessionText,
} from '../domain/session.ts';
import type { TaskInput } from '../domain/task-state.ts';
import { SessionBook } from './session-book.ts';
import { cancelledInfo, failureInfoOf } from './step-failure.ts';

const DEFAULT_MAX_EVENTS = 2000;
/** A login that somebody else has started is looked for again after this long. */
const ELSEWHERE_MS = 2000;
const LONGEST_ELSEWHERE_MS = 30_000;

const acquire = defineUpdate<AcquireAnswer, [AcquireRequest]>(ACQUIRE_SESSION_UPDATE);
const demand = defineUpdate<LoginStarted, [LoginRequest]>(LOGIN_UPDATE);
const revoke = defineUpdate<SessionView>(REVOKE_UPDATE);
const saved = defineSignal<[unknown]>(SESSION_SAVED_SIGNAL);
const waits = defineSignal<[unknown]>(LOGIN_WAITS_SIGNAL);
const state = defineQuery<SessionView>(SESSION_STATE_QUERY);

const taskType = defineSearchAttributeKey('TaskType', SearchAttributeType.KEYWORD);
const taskStatus = defineSearchAttributeKey('TaskStatus', SearchAttributeType.KEYWORD);
const taskUpdatedAt = defineSearchAttributeKey('TaskUpdatedAt', SearchAttributeType.DATETIME);

/** What the login's workflow is started with: the input of the task `login`. */
type Login = (input: TaskInput<LoginInput>) => Promise<LoginResult>;

const { mirrorSession } = proxyActivities<SessionActivities>({
  taskQueue: MONITORING_QUEUE,
  startToCloseTimeout: '1 minute',
  // Best effort: the next change says it again.
  scheduleToCloseTimeout: '10 minutes',
  retry: { initialInterval: '1 second', maximumInterval: '1 minute' },
});

/**
 * Keeps what a login got, sealed, and gives it to whoever needs it. However many need it, one login runs; it is started
 * when somebody needs a session and there is none, and ahead of the end of one that is used.
 */
export async function session(input: SessionInput): Promise<void> {
  await new Session(input).run();
}

class Session {
  readonly #input: SessionInput;
  readonly #book: SessionBook;
  /** Nobody is kept waiting any more, so that the next run can begin. */
  #ending = false;
  #mirroring = false;

  constructor(input: SessionInput) {
    this.#input = input;
    this.#book = new SessionBook(input.name, input.carried, Date.now());
    this.#answer();
  }

  #answer(): void {
    const book = this.#book;
    setHandler(acquire, (request) => this.#acquire(request));
    setHandler(demand, async (request) => {
      book.demandLogin(request);
      // The task must be there for whoever follows it; an earlier login had the same ID.
      await condition(() => book.loginStarted || this.#ending);
      return { taskId: book.loginTaskId ?? loginTaskId(book.name) };
    });
    setHandler(revoke, () => {
      book.revoke(Date.now());
      return book.view(Date.now());
    });
    setHandler(saved, (got) => {
      if (isSaved(got)) book.save(got, Date.now());
      else log.warn('a signal that is no session was ignored');
    });
    setHandler(waits, (what) => {
      if (what === null || isWaits(what)) book.loginWaits(what, Date.now());
      else log.warn('a signal that does not say what a login waits for was ignored');
    });
    setHandler(state, () => book.view(Date.now()));
  }

  async #acquire(request: AcquireRequest): Promise<AcquireAnswer> {
    const book = this.#book;
    const { failures } = book;
    const answer = (): AcquireAnswer | null => book.answer(request, failures, Date.now());
    book.ask(request, Date.now());
    const known = answer();
    if (known) return known;
    book.wantLogin(request.untrusted);
    book.waiting += 1;
    try {
      const person = (): boolean => book.whatToDo !== null;
      await condition(() => this.#ending || person() || answer() !== null, Math.max(1, request.waitMs));
    } finally {
      book.waiting -= 1;
    }
    return answer() ?? { state: 'waiting', status: book.waitsFor, what: book.whatToDo };
  }

  async run(): Promise<void> {
    const book = this.#book;
    for (;;) {
      book.renew(Date.now());
      if (book.loginWanted && !this.#ending) void this.#login();
      if (!this.#mirroring) void this.#mirror();
      setCurrentDetails(book.details(Date.now()));
      const { changes } = book;
      const next = book.nextMs();
      const wake = (): boolean => book.changes !== changes || (this.#full() && !book.underWay);
      if (next === null) await condition(wake);
      else await condition(wake, Math.max(1, next - Date.now()));
      if (book.forgettable(Date.now()) && allHandlersFinished()) return;
      if (this.#full() && !book.underWay) await this.#goOn();
    }
  }

  #full(): boolean {
    const { maxEvents = DEFAULT_MAX_EVENTS } = this.#input;
    return workflowInfo().historyLength > maxEvents || workflowInfo().continueAsNewSuggested;
  }

  /** Those who wait are told so, and ask again. */
  async #goOn(): Promise<void> {
    this.#ending = true;
    await condition(allHandlersFinished);
    await continueAsNew<typeof session>({ ...this.#input, carried: this.#book.handOver() });
  }

  /** Logs in, once for all who wait. */
  async #login(): Promise<void> {
    const book = this.#book;
    book.loginBegins(loginTaskId(book.name));
    try {
      const got = await this.#loginResult(book.version);
      if (got) book.loginSucceeded(got, Date.now());
      else book.loginEndedElsewhere();
    } catch (error) {
      // Anything else is a mistake in workflow code: Temporal keeps the run waiting until it is corrected.
      if (!(error instanceof TemporalFailure)) throw error;
      const info = isCancellation(error) ? cancelledInfo(null) : failureInfoOf(error, null);
      book.loginFailed(info, Date.now());
    }
  }

  /** null: a login that somebody else had started has handed over what it got. */
  async #loginResult(version: number): Promise<LoginResult | null> {
    const book = this.#book;
    for (let pause = ELSEWHERE_MS; ; pause = Math.min(pause * 2, LONGEST_ELSEWHERE_MS)) {
      try {
        const child = await this.#startLogin();
        book.loginHasStarted();
        return await child.result();
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
        book.loginHasStarted();
      }
      if (await condition(() => book.version !== version, pause)) return null;
    }
  }

  #startLogin() {
    const { name, credentials, usedTotpStep, loginUntrusted } = this.#book;
    const now = new Date();
    return startChild<Login>(LOGIN_WORKFLOW, {
      workflowId: loginTaskId(name),
      args: [
        {
          task: {
            ...name,
            ...(credentials ? { credentials } : {}),
            ...(usedTotpStep === null ? {} : { usedTotpStep }),
            ...(loginUntrusted ? { untrusted: true } : {}),
          },
        },
      ],
      workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
      staticSummary: `login ${sessionText(name)}`,
      memo: {
        taskType: 'login',
        status: 'pending',
        progress: 0,
        data: { ...name },
        updatedAt: now.toISOString(),
      },
      typedSearchAttributes: new TypedSearchAttributes([
        { key: taskType, value: 'login' },
        { key: taskStatus, value: 'pending' },
        { key: taskUpdatedAt, value: now },
      ]),
    });
  }

  async #mirror(): Promise<void> {
    const book = this.#book;
    const kept = book.toMirror();
    if (!kept) return;
    this.#mirroring = true;
    try {
      await mirrorSession({
        name: book.name,
        status: kept.status,
        version: kept.version,
        sealed: kept.saved?.sealed ?? null,
        createdAtMs: kept.createdAtMs,
        updatedAtMs: kept.changedAtMs,
        expiresAtMs: kept.saved?.expiresAtMs ?? null,
      });
      book.mirrored(kept);
    } catch (error) {
      if (!(error instanceof TemporalFailure)) throw error;
      log.warn('the mirror does not show the latest of this session', { error });
      book.mirrored(kept);
    } finally {
      this.#mirroring = false;
      book.changes += 1;
    }
  }
}

/** Anyone may send signals. */
function isSaved(value: unknown): value is SavedSession {
  return (
    isPlainObject(value) &&
    isPlainObject(value.sealed) &&
    typeof value.sealed.keyId === 'string' &&
    typeof value.sealed.sealed === 'string' &&
    typeof value.obtainedAtMs === 'number' &&
    (value.expiresAtMs === null || typeof value.expiresAtMs === 'number')
  );
}

function isWaits(value: unknown): value is LoginWaits {
  return isPlainObject(value) && typeof value.what === 'string' && typeof value.untilMs === 'number';
}
