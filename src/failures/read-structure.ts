import { type Clue, heavier } from './clue.ts';
import type { ErrorLayer } from './evidence.ts';
import { CODES, ERRNO_NAMES } from './rules/codes.ts';
import { classKey, EXCEPTION_CLASSES } from './rules/exception-classes.ts';
import { httpMeaning } from './rules/http-status.ts';
import { WEIGHT } from './rules/meaning.ts';
import { sqlStateMeaning } from './rules/sqlstate.ts';
import { MONGODB, MYSQL } from './rules/vendor-codes.ts';

/** What the fields of one error say, without its words. */
export function readStructure(layer: ErrorLayer): Clue | undefined {
  let best: Clue | undefined;
  for (const code of layer.codes) best = heavier(best, codeClue(code, layer.names));
  if (layer.status !== undefined) best = heavier(best, statusClue(layer.status));
  for (const name of layer.names) best = heavier(best, classClue(name));
  return best;
}

/** The HTTP status of one error. */
export function statusClue(status: number): Clue | undefined {
  const meaning = httpMeaning(status);
  return meaning && { rule: `http.${status}`, meaning, evidence: `HTTP ${status}` };
}

function codeClue(code: string, names: readonly string[]): Clue | undefined {
  const named = CODES.get(code);
  if (named) return { rule: `code.${code}`, meaning: named, evidence: code };
  const state = sqlStateMeaning(code);
  if (state && /[A-Z]|^\d{5}$/.test(code) && code !== '11000')
    return { rule: `sqlstate.${code}`, meaning: state, evidence: `SQLSTATE ${code}` };
  const byClass = EXCEPTION_CLASSES.get(classKey(code));
  if (byClass && /[a-z][A-Z]|_/.test(code))
    return { rule: `class.${code}`, meaning: byClass, evidence: code };
  return numberClue(Number(code), names);
}

/** A bare number: errno when small or negative, MongoDB's or MySQL's by the error's class and range. */
function numberClue(number: number, names: readonly string[]): Clue | undefined {
  if (!Number.isInteger(number)) return undefined;
  const mongo = names.some((name) => name.startsWith('Mongo')) ? MONGODB.get(number) : undefined;
  if (mongo) return { rule: `mongodb.${number}`, meaning: mongo, evidence: `MongoDB ${number}` };
  const mysql = MYSQL.get(number);
  if (mysql) return { rule: `mysql.${number}`, meaning: mysql, evidence: `MySQL ${number}` };
  const name = number < 0 ? ERRNO_NAMES.get(-number) : undefined;
  const meaning = name === undefined ? undefined : CODES.get(name);
  if (meaning) return { rule: `code.${name}`, meaning, evidence: `errno ${number}` };
  const http = httpMeaning(number);
  return (
    http && {
      rule: `http.${number}`,
      meaning: { ...http, weight: Math.min(http.weight, WEIGHT.status) },
      evidence: `HTTP ${number}`,
    }
  );
}

function classClue(name: string): Clue | undefined {
  const meaning = EXCEPTION_CLASSES.get(classKey(name));
  return meaning && { rule: `class.${name}`, meaning, evidence: name };
}
