/** How a login speaks with people: what it asks, who answered, and what became of it. */
import {
  ApplicationFailure,
  CancellationScope,
  condition,
  defineQuery,
  defineUpdate,
  setHandler,
} from '@temporalio/workflow';
import type { ErrorCode } from '../domain/error-codes.ts';
import { failureOfCode } from '../domain/failure-of-code.ts';
import {
  ANSWER_UPDATE,
  type LoginAnswer,
  type LoginAnswered,
  type LoginQuestion,
  QUESTION_QUERY,
} from '../domain/login.ts';
import type { SealedSession } from '../domain/session.ts';

const answerUpdate = defineUpdate<LoginAnswered, [LoginAnswer]>(ANSWER_UPDATE);
const questionQuery = defineQuery<LoginQuestion | null>(QUESTION_QUERY);

interface Given {
  readonly sealed: SealedSession;
  verdict: LoginAnswered | undefined;
}

/** The answers of people to one login, one at a time. Whoever answers is told whether the site took the code. */
export class LoginAnswers {
  #question: LoginQuestion | null = null;
  #given: Given | undefined;

  constructor() {
    setHandler(questionQuery, () => this.#question);
    setHandler(answerUpdate, (answer) => this.#take(answer), {
      validator: (answer) => {
        if (this.#question === null || this.#given)
          throw refusal('TASK_STATE', 'the login waits for no code now');
        if (typeof answer?.sealed?.sealed !== 'string')
          throw refusal('INVALID_INPUT', 'this is no sealed code');
      },
    });
  }

  async #take({ sealed }: LoginAnswer): Promise<LoginAnswered> {
    const given: Given = { sealed, verdict: undefined };
    this.#given = given;
    // A cancelled login says what became of the answer, too.
    await CancellationScope.nonCancellable(() => condition(() => given.verdict !== undefined));
    return given.verdict as LoginAnswered;
  }

  /**
   * Asks, and waits for an answer. Once one is there, {@link settle} must follow.
   * @returns undefined: nobody answered in time.
   */
  async ask(question: LoginQuestion): Promise<SealedSession | undefined> {
    this.#question = question;
    try {
      await condition(() => this.#given !== undefined, Math.max(1, question.untilMs - Date.now()));
    } finally {
      this.#question = null;
    }
    return this.#given?.sealed;
  }

  /** Tells whoever answered what became of it. */
  settle(verdict: LoginAnswered): void {
    if (this.#given) this.#given.verdict = verdict;
    this.#given = undefined;
  }

  /** Nothing is asked any more. */
  end(): void {
    this.settle({ accepted: false, triesLeft: 0 });
  }
}

/** A failure of the task with one of our own codes. */
export function loginFailure(code: ErrorCode, message: string, hint: string): ApplicationFailure {
  const info = { ...failureOfCode(code, message, null), hint };
  return ApplicationFailure.create({ message, type: info.category, nonRetryable: true, details: [info] });
}

function refusal(code: ErrorCode, message: string): ApplicationFailure {
  return ApplicationFailure.create({ message, type: code, nonRetryable: true });
}
