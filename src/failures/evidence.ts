import { isRekindleError, type RekindleError } from '../domain/error-codes.ts';
import { parseRetryAfter } from './retry-after.ts';

/** One error of a chain, as far as programs may read it. */
export interface ErrorLayer {
  /** Class names and `type` fields: `FetchError`, `RateLimit`. */
  readonly names: readonly string[];
  /** `code`, `errno`, `sqlState` and the like, as text. */
  readonly codes: readonly string[];
  readonly status: number | undefined;
  readonly texts: readonly string[];
}

/** Everything that can be learned from a thrown value without guessing from words. */
export interface Evidence {
  /** The innermost cause first. */
  readonly layers: readonly ErrorLayer[];
  /** The outermost error of our own, whose code decides. */
  readonly own: RekindleError | undefined;
  readonly retryAfterMs: number | undefined;
}

const DEEPEST = 10;
const MOST_OF_AGGREGATE = 3;
const CODE_FIELDS = ['code', 'errno', 'sqlState', 'sqlstate', 'errorCode', 'Code', 'originalCode'];
const STATUS_FIELDS = ['status', 'statusCode', 'httpStatus', 'status_code'];
const TEXT_FIELDS = [
  'message',
  'error_message',
  'error',
  'error_description',
  'detail',
  'title',
  'reason',
  'msg',
  'errmsg',
  'sqlMessage',
  'description',
  'body',
  'data',
  'stderr',
  'responseBody',
];
/** Names that say only that something is an error. */
const GENERIC = new Set([
  'Error',
  'Object',
  'ApplicationFailure',
  'ActivityFailure',
  'AggregateError',
  'Exception',
]);

type Fields = Readonly<Record<string, unknown>>;

/**
 * Takes a thrown value of any kind apart.
 * @param now ms since the epoch, for a Retry-After that is a date.
 */
export function collectEvidence(thrown: unknown, now: number): Evidence {
  const chain = unchain(thrown);
  return {
    layers: chain.map(layerOf).reverse(),
    own: chain.find((one): one is RekindleError => isRekindleError(one)),
    retryAfterMs: firstDefined(chain, (value) => retryAfterOf(value, now)),
  };
}

/** The value, its causes and the first members of aggregates, the outermost first; endless chains are cut. */
function unchain(thrown: unknown): unknown[] {
  const chain: unknown[] = [];
  const seen = new Set<unknown>();
  const visit = (value: unknown): void => {
    if (value === undefined || value === null || chain.length >= DEEPEST || seen.has(value)) return;
    seen.add(value);
    chain.push(value);
    const errors = field(value, 'errors');
    if (Array.isArray(errors))
      for (const one of errors.slice(0, MOST_OF_AGGREGATE)) if (one instanceof Error) visit(one);
    const cause = field(value, 'cause');
    if (typeof cause === 'object' || typeof cause === 'string') visit(cause);
  };
  visit(thrown);
  return chain;
}

function layerOf(value: unknown): ErrorLayer {
  if (typeof value !== 'object' || value === null) {
    return { names: [], codes: [], status: undefined, texts: typeof value === 'string' ? [value] : [] };
  }
  const response: Fields | undefined = asFields(field(value, 'response'));
  const nested = asFields(field(value, 'error'));
  const sources = [value as Fields, ...(nested ? [nested] : []), ...(response ? [response] : [])];
  return {
    names: namesOf(value as Fields),
    codes: sources.flatMap((source) =>
      CODE_FIELDS.map((name) => codeText(field(source, name))).filter((text) => text !== ''),
    ),
    status: firstDefined(sources, statusOf),
    texts: sources.flatMap(textsOf),
  };
}

function namesOf(value: Fields): string[] {
  const own = [
    field(value, 'name'),
    field(value, 'type'),
    field(value, 'error_type'),
    field(value, 'errorType'),
  ];
  const made = value.constructor?.name;
  return [...new Set([...own, made])].filter(
    (name): name is string => typeof name === 'string' && name !== '' && !GENERIC.has(name),
  );
}

function textsOf(source: Fields): string[] {
  return TEXT_FIELDS.map((name) => field(source, name)).flatMap((text) => {
    if (typeof text === 'string' && text !== '') return [text];
    const inner = asFields(text);
    const message = inner && (field(inner, 'message') ?? field(inner, 'msg'));
    return typeof message === 'string' ? [message] : [];
  });
}

function statusOf(source: Fields): number | undefined {
  for (const name of STATUS_FIELDS) {
    const status = Number(field(source, name));
    if (Number.isInteger(status) && status >= 400 && status < 600) return status;
  }
  return undefined;
}

function retryAfterOf(value: unknown, now: number): number | undefined {
  const response = field(value, 'response');
  for (const headers of [field(value, 'headers'), field(response, 'headers')]) {
    const ms = parseRetryAfter(header(headers, 'retry-after'), now);
    if (ms !== undefined) return ms;
  }
  const ms = field(value, 'retryAfterMs');
  return typeof ms === 'number' && ms >= 0 ? ms : parseRetryAfter(field(value, 'retryAfter'), now);
}

/** A header of a `Headers`, a plain object or Node's flat list of names and values. */
function header(headers: unknown, name: string): unknown {
  if (typeof headers !== 'object' || headers === null) return undefined;
  if (headers instanceof Headers) return headers.get(name) ?? undefined;
  if (Array.isArray(headers)) {
    const at = headers.findIndex((one) => typeof one === 'string' && one.toLowerCase() === name);
    return at < 0 ? undefined : headers[at + 1];
  }
  const key = Object.keys(headers).find((one) => one.toLowerCase() === name);
  return key === undefined ? undefined : field(headers, key);
}

const codeText = (code: unknown): string =>
  typeof code === 'string' || typeof code === 'number' ? String(code) : '';

function asFields(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null ? (value as Fields) : undefined;
}

/** Reads a field; a getter that throws counts as no field, since what was thrown may be anything. */
function field(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  try {
    return (value as Fields)[name];
  } catch {
    return undefined;
  }
}

function firstDefined<T, R>(items: readonly T[], read: (item: T) => R | undefined): R | undefined {
  for (const item of items) {
    const found = read(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
