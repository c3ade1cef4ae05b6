import type { Clue } from '../clue.ts';
import { CODES, ERRNO_NAMES, WINDOWS_NAMES } from '../rules/codes.ts';
import { classKey, EXCEPTION_CLASSES } from '../rules/exception-classes.ts';
import { httpMeaning } from '../rules/http-status.ts';
import { type Meaning, WEIGHT } from '../rules/meaning.ts';
import { sqlStateMeaning } from '../rules/sqlstate.ts';
import { CURL, MYSQL, ORACLE, SQL_SERVER } from '../rules/vendor-codes.ts';
import type { Reading, Token } from './tokens.ts';

/** Words before which a number from 400 to 599 is an HTTP status. */
const STATUS_WORDS: ReadonlySet<string> = new Set(
  'http https status code error response statuscode status_code httpcode httpstatus http_status returned got received answered returns server client 状态码'.split(
    ' ',
  ),
);
/** First word of each reason phrase (RFC 9110 §15): with it behind, a number needs no word before. */
const REASONS: Readonly<Record<number, readonly string[]>> = {
  400: ['bad'],
  401: ['unauthorized', 'unauthenticated'],
  402: ['payment'],
  403: ['forbidden'],
  404: ['not', 'client'],
  405: ['method'],
  408: ['request'],
  409: ['conflict'],
  410: ['gone'],
  413: ['payload', 'content', 'request'],
  415: ['unsupported'],
  422: ['unprocessable'],
  429: ['too', 'client'],
  451: ['unavailable'],
  500: ['internal', 'server'],
  502: ['bad', 'server', 'proxy'],
  503: ['service', 'server', 'backend'],
  504: ['gateway', 'server'],
  529: ['overloaded'],
};

const GO_EOF: Meaning = { kind: 'network', advice: 'connection', weight: WEIGHT.className };

/** Codes, numbers and class names that stand in a text, each with its meaning. */
export function signalsOf(reading: Reading): Clue[] {
  const { tokens, text } = reading;
  const out: Clue[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i] as Token;
    const { meaning, rule } = token.info;
    if (meaning) out.push(inContext(text, tokens, i, { rule, meaning, evidence: token.raw }));
    if (token.raw === 'EOF' && isGoRequest(text, token))
      out.push({ rule: 'class.IncompleteRead', meaning: GO_EOF, evidence: 'EOF' });
    if (token.info.number !== undefined) numberSignals(text, tokens, i, token.info.number, out);
    else if (token.raw.length === 5 || CODE_WORDS.has(lowerAt(tokens, i - 1)))
      nameSignals(tokens, i, token.raw, out);
  }
  return out;
}

/** Words behind which the name of a status may stand. */
const CODE_WORDS: ReadonlySet<string> = new Set(['code', 'statuscode', 'status']);

/** Go's `Get "https://…": EOF`: the server closed the connection without a word. */
function isGoRequest(text: string, { at }: Token): boolean {
  return /\b(?:Get|Head|Post|Put|Patch|Delete) "[^"]{1,500}": (?:unexpected )?$/.test(
    text.slice(Math.max(0, at - 520), at),
  );
}

/** Class names whose meaning depends on what stands behind them. */
function inContext(text: string, tokens: readonly Token[], i: number, clue: Clue): Clue {
  const token = tokens[i] as Token;
  // `spawn ffmpeg ENOENT`: the command is not installed.
  if (token.raw === 'ENOENT' && lowerAt(tokens, i - 2).startsWith('spawn')) {
    return { ...clue, meaning: { kind: 'config', advice: 'missing-part', weight: WEIGHT.code } };
  }
  if (!clue.rule.startsWith('class.')) return clue;
  const key = classKey(token.raw);
  // Java's nio names the local path; S3's error of the same name does not.
  if (key === 'accessdenied' && text.startsWith(': /', token.end)) {
    return { ...clue, meaning: { kind: 'system', advice: 'local-rights', weight: WEIGHT.code } };
  }
  // Java's answer to a 404 has the class of a missing file.
  if (key === 'filenotfound' && /^: https?:/.test(text.slice(token.end, token.end + 8))) {
    return { ...clue, meaning: { kind: 'business', advice: 'not-found', weight: WEIGHT.className } };
  }
  // A missing entry with a name in capitals is an environment variable.
  if (key === 'key' && /^[A-Z][A-Z0-9]*_[A-Z0-9_]+$/.test(tokens[i + 1]?.raw ?? '')) {
    return { ...clue, meaning: { kind: 'config', advice: 'settings', weight: WEIGHT.className } };
  }
  // Any other entry: the data lack it, whatever its name speaks of.
  if (key === 'key' && /^: ['"]/.test(text.slice(token.end, token.end + 3))) {
    return { ...clue, meaning: { kind: 'data', advice: 'format', weight: WEIGHT.status } };
  }
  return clue;
}

const lowerAt = (tokens: readonly Token[], i: number): string => tokens[i]?.info.lower ?? '';

function numberSignals(text: string, tokens: readonly Token[], i: number, number: number, out: Clue[]): void {
  const token = tokens[i] as Token;
  const before = lowerAt(tokens, i - 1);
  const found = (rule: string, meaning: Meaning | undefined, evidence: string): void => {
    if (meaning) out.push({ rule, meaning, evidence });
  };
  if (before === 'errno' || before === 'errnum' || (before === 'error' && lowerAt(tokens, i - 2) === 'os')) {
    errnoSignal(text, token, number, out);
  } else if (before === 'winerror' || before === 'wsaerror') {
    namedSignal(WINDOWS_NAMES.get(number), `${before} ${number}`, out);
  } else if (before === 'ora') found(`oracle.${number}`, ORACLE.get(number), `ORA-${token.raw}`);
  else if (before === 'msg') found(`sqlserver.${number}`, SQL_SERVER.get(number), `Msg ${number}`);
  else if (before === 'curl' || (before === 'error' && lowerAt(tokens, i - 2) === 'curl')) {
    found(`curl.${number}`, CURL.get(number), `curl ${number}`);
  }
  const mail = number >= 400 && number < 600 ? mailMeaning(text, token) : undefined;
  if (mail) {
    out.push({ rule: `smtp.${number}`, meaning: mail, evidence: text.slice(token.at, token.at + 9) });
    return;
  }
  if (number >= 400 && number < 600 && isStatus(text, tokens, i, number)) {
    found(`http.${number}`, httpMeaning(number), `HTTP ${number}`);
  }
  if (number >= 1000 && number < 4100 && isMysqlNumber(text, token, before)) {
    found(`mysql.${number}`, MYSQL.get(number), `MySQL ${number}`);
  }
  if (number > 10_000 && number < 11_100 && isTupleHead(text, token)) {
    namedSignal(WINDOWS_NAMES.get(number), `WinError ${number}`, out);
  }
  if (before === 'code' || before === 'status' || before === 'exited' || before === 'error')
    exitSignal(tokens, i, number, out);
  if (token.raw.length === 5) stateSignal(tokens, i, token.raw, out);
}

/** `[Errno 111]`, `errno=111`, `errno: -111`; from -2 to -5 behind a lone minus it is getaddrinfo's. */
function errnoSignal(text: string, token: Token, number: number, out: Clue[]): void {
  // Node prints the name beside the number: `errno: -2, code: 'ENOENT'`.
  if (/^,\s{0,12}code: '/.test(text.slice(token.end, token.end + 22))) return;
  const negative = text.charCodeAt(token.at - 1) === 45;
  const name = (negative && ERRNO_NAMES.get(-number)) || ERRNO_NAMES.get(number);
  if (name) namedSignal(name, `Errno ${number}`, out);
  const mysql = MYSQL.get(number);
  if (mysql) out.push({ rule: `mysql.${number}`, meaning: mysql, evidence: `MySQL ${number}` });
}

function namedSignal(name: string | undefined, evidence: string, out: Clue[]): void {
  const meaning = name === undefined ? undefined : CODES.get(name);
  if (meaning) out.push({ rule: `code.${name}`, meaning, evidence });
}

/** `450 4.2.0`: an SMTP reply with its enhanced status code (RFC 3463 §3), which is no HTTP status. */
function mailMeaning(text: string, token: Token): Meaning | undefined {
  const found = /^[ -]([45])\.(\d{1,3})\.\d{1,3}/.exec(text.slice(token.end, token.end + 10));
  if (!found) return undefined;
  const [, kind, subject] = found;
  if (kind === '4') return { kind: 'temporary', advice: 'busy', weight: WEIGHT.code };
  // 1: address, 2: mailbox, 3: mail system (size), 6: content, 7: security and policy.
  if (subject === '1' || subject === '2')
    return { kind: 'business', advice: 'not-found', weight: WEIGHT.fitting };
  if (subject === '3' || subject === '6') return { kind: 'data', advice: 'format', weight: WEIGHT.vague };
  return { kind: 'config', advice: 'credentials', weight: WEIGHT.vague };
}

function isStatus(text: string, tokens: readonly Token[], i: number, number: number): boolean {
  const after = lowerAt(tokens, i + 1);
  if (REASONS[number]?.includes(after)) return true;
  const token = tokens[i] as Token;
  const { at } = token;
  if (text.charCodeAt(at - 1) === 46 || text.charCodeAt(at - 1) === 45 || !isPlausibleEnd(text, token.end))
    return false;
  const previous = tokens[i - 1];
  // `code":"` and `status = ` leave few characters between the word and the number; `"code":[{"x":` does not.
  if (previous && at - previous.end <= 6 && statusWord(previous)) return true;
  // `got a 502 from the gateway`.
  if (REASONS[number] && (previous?.info.lower === 'a' || previous?.info.lower === 'an')) return true;
  const oneBack = tokens[i - 2];
  return (
    previous !== undefined &&
    oneBack !== undefined &&
    at - oneBack.end <= 10 &&
    lowerAt(tokens, i - 2) === 'http'
  );
}

function statusWord(token: Token): boolean {
  return STATUS_WORDS.has(token.info.lower) || /(?:status|code|error|exception)$/.test(token.info.lower);
}

/** No unit or decimal follows: `500ms`, `500.2` and `500 bytes` are amounts. */
function isPlausibleEnd(text: string, end: number): boolean {
  const next = text.charCodeAt(end);
  const afterNext = text.charCodeAt(end + 1);
  return (
    !(next === 46 && afterNext >= 48 && afterNext <= 57) &&
    !/^ (?:ms|bytes|seconds?|sec|items?|kb|mb)\b/i.test(text.slice(end, end + 9))
  );
}

/** `(2003, "…")` and `(1048, '…')`: how PyMySQL and MySQLdb print an error. */
function isTupleHead(text: string, token: Token): boolean {
  return (
    text.charCodeAt(token.at - 1) === 40 &&
    text.charCodeAt(token.end) === 44 &&
    /^, ?["'“b]/.test(text.slice(token.end, token.end + 4))
  );
}

/** The tuple, `ERROR 1045 (28000)`, Go's `Error 1205 (40001):` and PDO's `SQLSTATE[HY000] [2002]`. */
function isMysqlNumber(text: string, token: Token, before: string): boolean {
  if (isTupleHead(text, token)) return true;
  const after = text.slice(token.end, token.end + 9);
  if (before === 'error' && (/^ \([0-9A-Z]{5}\)/.test(after) || /^: /.test(after))) return true;
  return /^SQLSTATE\[[0-9A-Z]{5}\] ?\[$/.test(text.slice(Math.max(0, token.at - 17), token.at).trim());
}

const EXIT_MEANINGS: ReadonlyMap<number, Meaning> = new Map([
  // 128 + the signal's number (POSIX shells): 9 KILL, 11 SEGV, 6 ABRT, 7 BUS.
  [137, { kind: 'system', advice: 'memory', weight: WEIGHT.className }],
  [139, { kind: 'system', advice: 'process', weight: WEIGHT.className }],
  [134, { kind: 'system', advice: 'process', weight: WEIGHT.className }],
  [135, { kind: 'system', advice: 'process', weight: WEIGHT.className }],
  [127, { kind: 'config', advice: 'missing-part', weight: WEIGHT.fitting }],
  [126, { kind: 'system', advice: 'local-rights', weight: WEIGHT.fitting }],
]);

function exitSignal(tokens: readonly Token[], i: number, number: number, out: Clue[]): void {
  const meaning = EXIT_MEANINGS.get(number);
  if (!meaning) return;
  const words = [
    lowerAt(tokens, i - 1),
    lowerAt(tokens, i - 2),
    lowerAt(tokens, i - 3),
    lowerAt(tokens, i - 4),
  ];
  // `make: *** [all] Error 137`: what make says of a command that a signal ended.
  if (words.some((word) => word.startsWith('exit')) || (number > 128 && words[0] === 'error'))
    out.push({ rule: `exit.${number}`, meaning, evidence: `exit code ${number}` });
}

function nameSignals(tokens: readonly Token[], i: number, raw: string, out: Clue[]): void {
  const before = lowerAt(tokens, i - 1);
  if (raw.length === 5) stateSignal(tokens, i, raw, out);
  if (!CODE_WORDS.has(before)) return;
  // Go's gRPC: `rpc error: code = DeadlineExceeded desc = …`.
  const upper = raw.replaceAll(/([a-z])([A-Z])/g, '$1_$2').toUpperCase();
  const meaning = raw === upper ? undefined : (CODES.get(upper) ?? EXCEPTION_CLASSES.get(classKey(raw)));
  if (meaning && /[A-Z]/.test(raw)) out.push({ rule: `code.${upper}`, meaning, evidence: raw });
}

/** `SQLSTATE[23000]`, `SQLSTATE 40001`, `code: '28P01'`, `ERROR 1045 (28000)`. */
function stateSignal(tokens: readonly Token[], i: number, raw: string, out: Clue[]): void {
  const before = lowerAt(tokens, i - 1);
  const named = before === 'sqlstate' || before === 'pgcode' || (before === 'code' && /[A-Z]/.test(raw));
  const behindNumber = tokens[i - 1]?.info.number !== undefined && lowerAt(tokens, i - 2) === 'error';
  const meaning = named || behindNumber ? sqlStateMeaning(raw) : undefined;
  if (meaning) out.push({ rule: `sqlstate.${raw}`, meaning, evidence: `SQLSTATE ${raw}` });
}
