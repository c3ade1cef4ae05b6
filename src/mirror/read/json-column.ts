import { isPlainObject, type JsonObject } from '../../domain/json.ts';

/**
 * Reads JSON columns of one row. What is damaged (edited by hand, cut off) reads as null and is named, so that one
 * bad row does not take a whole list with it.
 */
export class JsonColumns {
  /** One sentence for each damaged column, with row and column. */
  readonly problems: string[] = [];
  readonly #row: string;

  /** @param row names the row, e.g. `task t-1`. */
  constructor(row: string) {
    this.#row = row;
  }

  object(column: string, text: string | null): JsonObject | null {
    const value = this.value(column, text);
    if (value === null || isPlainObject(value)) return value as JsonObject | null;
    this.problems.push(`${this.#row}, column ${column}: expected a JSON object`);
    return null;
  }

  value(column: string, text: string | null): unknown {
    if (text === null) return null;
    try {
      return JSON.parse(text) as unknown;
    } catch (error) {
      this.problems.push(`${this.#row}, column ${column}: no valid JSON (${(error as Error).message})`);
      return null;
    }
  }

  /** Reads with a validating function of the domain, whose error becomes the problem. */
  parsed<T>(column: string, text: string | null, parse: (value: unknown) => T): T | null {
    const value = this.value(column, text);
    if (value === null) return null;
    try {
      return parse(value);
    } catch (error) {
      this.problems.push(`${this.#row}, column ${column}: ${(error as Error).message}`);
      return null;
    }
  }
}
