import { createInterface } from 'node:readline/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { LoginRequest } from '../../client/login-request.ts';
import { TaskFailedError, type TaskHandle } from '../../client/task-handle.ts';
import { type LoginQuestion, type LoginResult, QUESTION_QUERY } from '../../domain/login.ts';
import { DEFAULT_ACCOUNT, type SessionName, sessionText } from '../../domain/session.ts';
import type { TaskView } from '../../domain/task-record.ts';
import { localTime } from '../../notify/message.ts';
import type { CommandAction } from '../command-spec.ts';
import type { CommandContext, GlobalOptions } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { openRuntime, type Runtime, requireService } from '../runtime.ts';
import { rejectWhenAborted } from '../until-aborted.ts';

interface LoginOptions extends GlobalOptions, Omit<LoginRequest, 'site'> {
  readonly detach?: boolean;
}

const LOOK_EVERY_MS = 500;

/** Logs in to a site, and asks for the code when the site wants one. */
export const run: CommandAction<LoginOptions> = async (context, [site = ''], options) => {
  const { account = DEFAULT_ACCOUNT, user, password, totp, detach = false } = options;
  if (detach) requireService(context);
  const runtime = await openRuntime(context, {
    ...(detach
      ? { engine: 'running' as const }
      : { engine: 'ensured' as const, worker: 'if-none' as const, mirror: true }),
    purpose: 'rekindle login',
  });
  let followed: readonly TaskView[] = [];
  try {
    const task = await runtime.client.login({ site, account, ...defined({ user, password, totp }) });
    if (detach) {
      context.output.result({ task_id: task.taskId }, [context.output.texts.started(task.taskId)]);
      return EXIT.ok;
    }
    const { view, result } = await follow(context, runtime, task, { site, account });
    followed = [view];
    return say(context, { site, account }, view, result);
  } catch (error) {
    if (!context.signal.aborted) throw error;
    context.output.interrupted(context.output.texts.login.interrupted);
    return EXIT.interrupted;
  } finally {
    await runtime.close(followed);
  }
};

interface Ended {
  readonly view: TaskView;
  readonly result: LoginResult | null;
}

async function follow(
  context: CommandContext,
  { client }: Runtime,
  task: TaskHandle<LoginResult>,
  name: SessionName,
): Promise<Ended> {
  const over = new AbortController();
  const asking = ask(context, client, task, name, AbortSignal.any([over.signal, context.signal]));
  try {
    const result = await Promise.race([task.wait(), rejectWhenAborted(context.signal)]);
    return { view: (await task.show()).view, result };
  } catch (error) {
    if (error instanceof TaskFailedError) return { view: error.view, result: null };
    throw error;
  } finally {
    over.abort();
    await asking;
  }
}

/** Asks for each code that the login wants; without a terminal it says how to give it. */
async function ask(
  { output, config }: CommandContext,
  client: Runtime['client'],
  task: TaskHandle<LoginResult>,
  name: SessionName,
  signal: AbortSignal,
): Promise<void> {
  let told: LoginQuestion | null = null;
  while (!signal.aborted) {
    const question = await questionOf(task);
    const fresh = question && (question.untilMs !== told?.untilMs || question.triesLeft !== told.triesLeft);
    if (fresh) {
      told = question;
      const text = question.what[config.locale] ?? question.what.en ?? '';
      output.say(output.texts.login.asks(text, localTime(question.untilMs)));
      const code = await typed(output.texts.login.code, signal);
      if (code === undefined) output.say(output.texts.login.howToAnswer(sessionText(name)));
      else await client.answerLogin(name, code).catch((error: Error) => output.say(error.message));
    }
    await delay(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
}

async function questionOf(task: TaskHandle<LoginResult>): Promise<LoginQuestion | null> {
  try {
    return await task.handle().query<LoginQuestion | null>(QUESTION_QUERY);
  } catch {
    // It may just be ending; then the end says it all.
    return null;
  }
}

async function typed(prompt: string, signal: AbortSignal): Promise<string | undefined> {
  if (!(process.stdin.isTTY && process.stderr.isTTY)) return undefined;
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await lines.question(prompt, { signal })).trim() || undefined;
  } catch {
    return undefined;
  } finally {
    lines.close();
  }
}

function say(
  { output }: CommandContext,
  name: SessionName,
  view: TaskView,
  result: LoginResult | null,
): number {
  const expires = result?.expiresAtMs ?? null;
  const words = output.texts.login;
  const error = view.last_error;
  const lines = result
    ? [words.done(sessionText(name), expires === null ? null : localTime(expires))]
    : [
        words.failed(sessionText(name), error?.message ?? view.run_status),
        ...(error?.hint ? [output.texts.hint(error.hint)] : []),
      ];
  output.result(
    {
      task_id: view.task_id,
      session: sessionText(name),
      status: view.status,
      expires_at: expires === null ? null : new Date(expires).toISOString(),
      retries: result?.retries ?? view.retry_count,
      ...(result ? {} : { error: { ...error } }),
    },
    lines,
  );
  return result ? EXIT.ok : EXIT.failed;
}

function defined<T extends object>(options: T): Partial<{ [K in keyof T]: NonNullable<T[K]> }> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as never;
}
