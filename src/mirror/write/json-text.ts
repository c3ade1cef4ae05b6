import { RekindleError } from '../../domain/error-codes.ts';
import { findNonJson, type JsonObject } from '../../domain/json.ts';

/**
 * The text of a JSON column.
 * @param what names the row and column in the error.
 * @throws {RekindleError} `INVALID_INPUT` naming the place that would not survive JSON.
 */
export function jsonText(value: JsonObject | null, what: string): string | null {
  if (value === null) return null;
  const problem = findNonJson(value, what);
  if (problem) {
    throw new RekindleError('INVALID_INPUT', problem, { hint: 'Pass values that survive JSON unchanged.' });
  }
  return JSON.stringify(value);
}
