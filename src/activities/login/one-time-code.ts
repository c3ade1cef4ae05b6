import { setTimeout as delay } from 'node:timers/promises';
import type { SiteDescription } from '../../sites/index.ts';
import { beginOfStep, readTotpSecret, totpCode, totpStepAt } from '../../sites/totp.ts';
import type { StepContext } from '../define-step.ts';

/** In a step's notes and checkpoints: the time step of the code that it is about to send. */
export const TOTP_STEP = 'totp_step';
/** In a step's notes: the attempt that was about to send it. */
const ATTEMPT = 'totp_attempt';
/** A clock that was set back must not make anybody wait for hours. */
const MOST_AHEAD = 3;
/** Clocks of sites are not ours to the millisecond. */
const MARGIN_MS = 300;

/** What {@link nextCode} decides with. */
export interface CodeRequest {
  readonly secret: string;
  readonly settings: SiteDescription['totp'];
  /** Of earlier steps and logins. */
  readonly usedTotpStep: number | null;
  readonly step: StepContext;
  /** Of the activity, from 1. */
  readonly attempt: number;
}

/**
 * A one-time code that was never sent: sites take each once. It waits for the time step after the last that may have
 * been used, and notes its own before anybody can send it. What an attempt was about to send when its worker was killed may
 * have gone unheard; then no step until now is taken to be unused.
 */
export async function nextCode(
  request: CodeRequest,
): Promise<{ readonly code: string; readonly totpStep: number }> {
  const { step, attempt } = request;
  const { key, settings } = readTotpSecret(request.secret, request.settings);
  const present = totpStepAt(Date.now(), settings);
  const used = Math.min(
    Math.max(request.usedTotpStep ?? 0, usedByAttempts(step, attempt, present)),
    present + MOST_AHEAD,
  );
  const waitMs = beginOfStep(used + 1, settings) - Date.now();
  if (waitMs > 0) await delay(waitMs + MARGIN_MS, undefined, { signal: step.signal });
  const totpStep = totpStepAt(Date.now(), settings);
  step.note({ [TOTP_STEP]: totpStep, [ATTEMPT]: attempt });
  step.report(0.5, 0, { [TOTP_STEP]: totpStep });
  return { code: totpCode(key, totpStep, settings), totpStep };
}

function usedByAttempts(step: StepContext, attempt: number, present: number): number {
  if (attempt === 1) return 0;
  const { [TOTP_STEP]: noted, [ATTEMPT]: by } = step.notes;
  return typeof noted === 'number' && by === attempt - 1 ? noted : present;
}
