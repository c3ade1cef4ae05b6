import type { FailureInfo } from '../domain/failure.ts';
import { failureOfCode } from '../domain/failure-of-code.ts';
import type { LoginResult } from '../domain/login.ts';
import {
  type AcquireAnswer,
  type AcquireRequest,
  type CarriedSession,
  type CredentialReferences,
  type LoginRequest,
  type LoginWaits,
  type SavedSession,
  type SessionName,
  type SessionView,
  sessionText,
} from '../domain/session.ts';

/** A session is renewed when this share of its time is over, if it was used in it. */
const RENEW_AT = 0.8;
/** After a login that failed for now, nobody causes another one for this long. */
const HOLD_OFF_MS = 10_000;
/** A site that refuses this many sessions in this time refuses something else: logging in again does not help. */
const MOST_REFUSALS = 10;
const REFUSALS_MS = 600_000;
/** What nobody needed for so long, and nobody gave anything to, is forgotten. */
const FORGET_MS = 24 * 3_600_000;
/** Failures of a login that only a person can do something about; whoever needs the session waits for that. */
const FOR_PEOPLE = new Set(['LOGIN_BLOCKED', 'LOGIN_UNANSWERED']);

const NOTHING: Omit<CarriedSession, 'createdAtMs' | 'changedAtMs'> = {
  version: 0,
  status: 'none',
  saved: null,
  credentials: null,
  failure: null,
  failedAtMs: 0,
  what: null,
  usedAtMs: null,
  rejectedAtMs: [],
  loginTaskId: null,
  usedTotpStep: null,
  byPerson: false,
  loginWanted: false,
  unmirrored: false,
};

/** A login that runs, as far as its session knows. */
interface RunningLogin {
  /** What it waits for; null: nothing. */
  waits: LoginWaits | null;
  started: boolean;
  byPerson: boolean;
  readonly untrusted: boolean;
}

/** What is known of a session, and what follows from it. Knows no clock: it is told the time. */
export class SessionBook {
  readonly name: SessionName;
  #kept: CarriedSession;
  #login: RunningLogin | undefined;
  /** Somebody wants a login that has not begun: `untrusted`, only tasks of others do. */
  #wanted: false | 'own' | 'untrusted' = false;
  #renewalTried = 0;
  /** Logins that have failed in this run. */
  failures = 0;
  /** Grows with every change. */
  changes = 0;
  /** How many wait for an answer. */
  waiting = 0;

  constructor(name: SessionName, carried: CarriedSession | undefined, now: number) {
    this.name = name;
    this.#kept = carried ?? { ...NOTHING, createdAtMs: now, changedAtMs: now };
    const { loginWanted, wantedUntrusted } = this.#kept;
    if (loginWanted) this.#wanted = wantedUntrusted ? 'untrusted' : 'own';
  }

  /** Somebody needs the session. */
  ask(request: AcquireRequest, now: number): void {
    const unused = this.#renewalMs() === null;
    const { usedAtMs, ownUseAtMs = usedAtMs } = this.#kept;
    this.#kept = { ...this.#kept, usedAtMs: now, ownUseAtMs: request.untrusted ? ownUseAtMs : now };
    // What is used will be renewed: the time for that has to be kept in mind.
    if (unused && this.#renewalMs() !== null) this.changes += 1;
    const { saved, version, rejectedAtMs } = this.#kept;
    if (!saved || request.rejectedVersion !== version) return;
    const recent = rejectedAtMs.filter((at) => now - at < REFUSALS_MS);
    if (recent.length >= MOST_REFUSALS) return;
    // The site has ended it for everybody.
    this.#change({ saved: null, status: 'none', rejectedAtMs: [...recent, now] }, now);
  }

  /** The answer, when there is one already. @param failures those that there were when it was asked. */
  answer(request: AcquireRequest, failures: number, now: number): AcquireAnswer | null {
    const { saved, version, failure } = this.#kept;
    if (saved && request.rejectedVersion === version) return { state: 'failed', failure: this.#refused() };
    if (saved && hasTime(saved, request.minValidMs, now)) return { state: 'valid', version, session: saved };
    if (this.underWay || this.#wanted) return null;
    if (this.#kept.status === 'needs_person') return null;
    if (!failure || this.#isOthers(failure, request)) return null;
    const counts = this.failures > failures || this.#holds(failure, now);
    return counts ? { state: 'failed', failure } : null;
  }

  /** Those who wait may cause a login, unless a person has to do something first. */
  wantLogin(untrusted = false): void {
    if (this.underWay || this.#kept.status === 'needs_person') return;
    this.#want(untrusted);
  }

  /** A person wants a login now. */
  demandLogin({ credentials, untrusted = false }: LoginRequest): void {
    this.#kept = { ...this.#kept, credentials: credentials ?? this.#kept.credentials };
    if (!this.underWay) this.#want(untrusted);
  }

  get loginWanted(): boolean {
    return this.#wanted !== false && !this.underWay;
  }

  /** Whether the login that runs is for tasks of others. */
  get loginUntrusted(): boolean {
    return this.#login?.untrusted === true;
  }

  /** Grows with every login that succeeded. */
  get version(): number {
    return this.#kept.version;
  }

  get underWay(): boolean {
    return this.#login !== undefined;
  }

  get credentials(): CredentialReferences | null {
    return this.#kept.credentials;
  }

  get usedTotpStep(): number | null {
    return this.#kept.usedTotpStep;
  }

  get loginTaskId(): string | null {
    return this.#kept.loginTaskId;
  }

  loginBegins(taskId: string): void {
    const untrusted = this.#wanted === 'untrusted';
    this.#login = { waits: null, started: false, byPerson: false, untrusted };
    this.#wanted = false;
    this.#kept = { ...this.#kept, loginTaskId: taskId };
    this.changes += 1;
  }

  /** The task that logs in is there. */
  loginHasStarted(): void {
    if (this.#login) this.#login.started = true;
  }

  get loginStarted(): boolean {
    return this.#login?.started === true;
  }

  loginWaits(waits: LoginWaits | null, now: number): void {
    if (!this.#login) return;
    this.#login.waits = waits;
    this.#login.byPerson ||= waits !== null;
    this.#change({}, now);
  }

  /** It runs on its own, and has handed over what it got. */
  loginEndedElsewhere(): void {
    this.#login = undefined;
    this.changes += 1;
  }

  loginSucceeded({ sealed, obtainedAtMs, expiresAtMs, totpStep }: LoginResult, now: number): void {
    const byPerson = this.#login?.byPerson ?? false;
    this.#login = undefined;
    this.#kept = { ...this.#kept, usedTotpStep: totpStep ?? this.#kept.usedTotpStep, byPerson };
    this.save({ sealed, obtainedAtMs, expiresAtMs }, now);
  }

  /** What a login got. One that is older than what is there is of no use. */
  save(saved: SavedSession, now: number): void {
    const { version, saved: before } = this.#kept;
    this.changes += 1;
    if (before && before.obtainedAtMs > saved.obtainedAtMs) return;
    this.#change({ saved, version: version + 1, status: 'valid', failure: null, what: null }, now);
  }

  loginFailed(failure: FailureInfo, now: number): void {
    const failedUntrusted = this.loginUntrusted;
    this.#login = undefined;
    this.failures += 1;
    const { saved } = this.#kept;
    const person = FOR_PEOPLE.has(failure.errorType);
    const what = person ? (failure.hint ?? failure.message) : null;
    const status = person ? 'needs_person' : saved ? 'valid' : 'none';
    this.#change({ failure, failedUntrusted, failedAtMs: now, status, what }, now);
  }

  /** Declares void what is there, and forgets why the last login failed: the next one who needs it logs in. */
  revoke(now: number): void {
    this.#change({ saved: null, status: 'revoked', failure: null, what: null, rejectedAtMs: [] }, now);
  }

  /** Wants a login when it is time to renew what is used. */
  renew(now: number): void {
    const dueMs = this.#renewalMs();
    if (dueMs === null || now < dueMs) return;
    const { version, saved, usedAtMs, ownUseAtMs = usedAtMs } = this.#kept;
    this.#renewalTried = version;
    this.wantLogin((ownUseAtMs ?? 0) < (saved?.obtainedAtMs ?? 0));
  }

  /** When there is something to do, if nobody asks for anything; null: never. */
  nextMs(): number | null {
    const times = [this.#renewalMs(), this.#forgetMs()].filter((at) => at !== null);
    return times.length > 0 ? Math.min(...times) : null;
  }

  /** Whether nobody would miss it. */
  forgettable(now: number): boolean {
    const at = this.#forgetMs();
    return at !== null && now >= at;
  }

  /** What the mirror has not heard of yet; null: nothing. */
  toMirror(): CarriedSession | null {
    return this.#kept.unmirrored ? this.#kept : null;
  }

  mirrored({ changedAtMs }: Pick<CarriedSession, 'changedAtMs'>): void {
    if (this.#kept.changedAtMs === changedAtMs) this.#kept = { ...this.#kept, unmirrored: false };
  }

  handOver(): CarriedSession {
    return {
      ...this.#kept,
      loginWanted: this.#wanted !== false,
      wantedUntrusted: this.#wanted === 'untrusted',
    };
  }

  view(now: number): SessionView {
    const { version, saved, usedAtMs, failure, loginTaskId } = this.#kept;
    return {
      ...this.name,
      status: this.#status(now),
      version,
      obtained_at: saved ? iso(saved.obtainedAtMs) : null,
      expires_at: saved && saved.expiresAtMs !== null ? iso(saved.expiresAtMs) : null,
      last_used_at: usedAtMs === null ? null : iso(usedAtMs),
      waiting: this.waiting,
      what_to_do: this.whatToDo,
      last_error: failure?.message ?? null,
      login_task_id: loginTaskId,
    };
  }

  get whatToDo(): string | null {
    return this.#login ? (this.#login.waits?.what ?? null) : this.#kept.what;
  }

  /** As it counts for those who wait. */
  get waitsFor(): 'refreshing' | 'needs_person' {
    return this.whatToDo === null ? 'refreshing' : 'needs_person';
  }

  /** For the Temporal Web UI. */
  details(now: number): string {
    const { status, expires_at, waiting, what_to_do } = this.view(now);
    const until = expires_at ? `, until ${expires_at}` : '';
    const who = waiting > 0 ? `; ${waiting} wait for it` : '';
    return `${status}${until}${who}${what_to_do ? `. To do: ${what_to_do}` : ''}`;
  }

  #status(now: number): SessionView['status'] {
    if (this.#login) return this.waitsFor;
    const { status, saved } = this.#kept;
    return status === 'valid' && saved && !hasTime(saved, 0, now) ? 'expired' : status;
  }

  #want(untrusted: boolean): void {
    if (this.#wanted === 'own' || (untrusted && this.#wanted)) return;
    this.#wanted = untrusted ? 'untrusted' : 'own';
    this.changes += 1;
  }

  /** Where a login for others may not connect to, one for those who run rekindle may. */
  #isOthers({ errorType }: FailureInfo, { untrusted }: AcquireRequest): boolean {
    return !untrusted && this.#kept.failedUntrusted === true && errorType === 'ADDRESS_FORBIDDEN';
  }

  #holds(failure: FailureInfo, now: number): boolean {
    return failure.category.startsWith('unrecoverable_') || now - this.#kept.failedAtMs < HOLD_OFF_MS;
  }

  #renewalMs(): number | null {
    const { saved, usedAtMs, version, status, byPerson } = this.#kept;
    if (status !== 'valid' || !saved || saved.expiresAtMs === null || this.underWay) return null;
    // People are asked when somebody needs them, not because time goes by.
    if (byPerson || this.#renewalTried === version) return null;
    if (usedAtMs === null || usedAtMs < saved.obtainedAtMs) return null;
    return saved.obtainedAtMs + (saved.expiresAtMs - saved.obtainedAtMs) * RENEW_AT;
  }

  #forgetMs(): number | null {
    const { credentials, saved, usedAtMs, changedAtMs } = this.#kept;
    if (credentials || this.underWay || this.#wanted || this.waiting > 0) return null;
    if (saved?.expiresAtMs === null) return null;
    return Math.max(usedAtMs ?? 0, changedAtMs, saved?.expiresAtMs ?? 0) + FORGET_MS;
  }

  #change(change: Partial<CarriedSession>, now: number): void {
    // A mirror takes no older state: two changes of one millisecond must differ.
    const changedAtMs = Math.max(now, this.#kept.changedAtMs + 1);
    this.#kept = { ...this.#kept, ...change, changedAtMs, unmirrored: true };
    this.changes += 1;
  }

  #refused(): FailureInfo {
    const name = sessionText(this.name);
    return {
      ...failureOfCode(
        'SESSION_REFUSED',
        `the site has refused ${MOST_REFUSALS} sessions of ${name} within ${REFUSALS_MS / 60_000} minutes, each right after a login`,
        null,
      ),
      hint: 'Look whether the account may see what is downloaded, and whether the site wants something else than a login.',
    };
  }
}

/** A session that never lasts as long as somebody wants is good for half of its time. */
function hasTime({ expiresAtMs, obtainedAtMs }: SavedSession, minValidMs: number, now: number): boolean {
  if (expiresAtMs === null) return true;
  const wanted = Math.min(minValidMs, (expiresAtMs - obtainedAtMs) / 2);
  return expiresAtMs > now && expiresAtMs - now >= wanted;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
