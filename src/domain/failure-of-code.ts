import { ERROR_CODES, type ErrorCode } from './error-codes.ts';
import type { FailureInfo } from './failure.ts';

/** A failure that one of our own codes stands for: no words were read for it, and no budget of retries is known. */
export function failureOfCode(code: ErrorCode, message: string, step: string | null): FailureInfo {
  const { category, retryType, meaning } = ERROR_CODES[code];
  return {
    category,
    retryType,
    rule: `code.${code}`,
    confidence: 1,
    explanation: meaning,
    message,
    errorType: code,
    hint: null,
    step,
    attempts: {},
  };
}
