/** What the chat robots of DingTalk and WeCom have in common: a JSON request, and an `errcode` in an answer of 200. */
import { PermanentDeliveryError, TemporaryDeliveryError } from './channel.ts';
import { callService, shownAnswer } from './http.ts';
import type { RobotSettings } from './resolve-settings.ts';
import { signedRobotUrl } from './sign.ts';

/** What the error codes of a vendor mean for a message. */
export interface RobotCodes {
  /** No try will ever succeed. */
  readonly permanent: ReadonlySet<number>;
  /** Too many messages. */
  readonly tooMany: ReadonlySet<number>;
  /** How long a robot is muted that sent too many, in ms. */
  readonly mutedMs: number;
}

/** Sends one message to a robot. @throws as a channel's `deliver`. */
export async function tellRobot(
  { url: address, secret, timeoutMs }: RobotSettings,
  message: unknown,
  codes: RobotCodes,
  signal: AbortSignal,
): Promise<void> {
  const plain = new URL(address.reveal());
  const url = secret ? signedRobotUrl(plain, secret.reveal(), Date.now()) : plain;
  const call = { url, secrets: secret ? [secret, address] : [address] };
  const { body } = await callService({
    ...call,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify(message),
    timeoutMs,
    signal,
  });
  const { errcode, errmsg } = answerOf(body);
  if (errcode === 0) return;
  const said = `${url.host} answered errcode ${errcode ?? 'none'}: ${shownAnswer(call, errmsg)}`;
  if (typeof errcode === 'number' && codes.permanent.has(errcode)) throw new PermanentDeliveryError(said);
  const tooMany = typeof errcode === 'number' && codes.tooMany.has(errcode);
  throw new TemporaryDeliveryError(said, tooMany ? { retryAfterMs: codes.mutedMs } : {});
}

function answerOf(body: string): { errcode: unknown; errmsg: string } {
  try {
    const { errcode, errmsg } = JSON.parse(body) as { errcode?: unknown; errmsg?: unknown };
    return { errcode, errmsg: typeof errmsg === 'string' ? errmsg : body };
  } catch {
    return { errcode: undefined, errmsg: body };
  }
}
