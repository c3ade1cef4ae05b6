/** Brings a namespace into the state that rekindle needs; does nothing when it is right already. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Connection } from '@temporalio/client';
import { msToTs, tsToMs } from '@temporalio/common/lib/time.js';
import { RekindleError } from '../domain/error-codes.ts';
import { SEARCH_ATTRIBUTES } from '../domain/task-state.ts';

/** Values of `temporal.api.enums.v1.IndexedValueType`. */
const TYPE_NUMBERS = { KEYWORD: 2, INT: 3, DATETIME: 6 } as const;
type AttributeName = keyof typeof SEARCH_ATTRIBUTES;

export interface NamespaceNeeds {
  readonly namespace: string;
  /** Closed tasks are kept at least this long. */
  readonly retentionMs: number;
  /** Whether the namespace may be made when it is missing; true for the embedded server. */
  readonly create: boolean;
}

export interface NamespaceOutcome {
  readonly created: boolean;
  readonly addedAttributes: readonly string[];
  readonly retentionRaised: boolean;
  /** What could not be seen to or changed for want of rights, and does not keep rekindle from working. */
  readonly warnings: readonly string[];
}

/**
 * Sets up search attributes and retention; two calls to the server when nothing is to be done.
 * @throws {RekindleError} `ENGINE_UNAVAILABLE` when search attributes are missing and cannot be added (on SQLite there
 *   is room for 10 of type Keyword), or the namespace is missing; `INVALID_CONFIG` when one exists with another type.
 */
export async function prepareNamespace(
  connection: Connection,
  needs: NamespaceNeeds,
): Promise<NamespaceOutcome> {
  const warnings: string[] = [];
  const { created, retentionMs } = await ensureNamespace(connection, needs);
  const [retentionRaised, addedAttributes] = await Promise.all([
    raiseRetention(connection, needs, retentionMs, warnings),
    addAttributes(connection, needs, warnings),
  ]);
  if (created || addedAttributes.length > 0) await becomesUsable(connection, needs.namespace);
  return { created, addedAttributes, retentionRaised, warnings };
}

/** Codes of gRPC. */
const INVALID_ARGUMENT = 3;
const NOT_FOUND = 5;
const ALREADY_EXISTS = 6;
const PERMISSION_DENIED = 7;
const UNIMPLEMENTED = 12;

/** Gives the namespace's retention in milliseconds; `created` is for one that was just made. */
async function ensureNamespace(
  connection: Connection,
  needs: NamespaceNeeds,
): Promise<{ created: boolean; retentionMs: number | null }> {
  const { namespace } = needs;
  try {
    const { config } = await connection.workflowService.describeNamespace({ namespace });
    return { created: false, retentionMs: tsToMs(config?.workflowExecutionRetentionTtl) };
  } catch (error) {
    // Without the right to describe it one may still have the right to use it.
    if (isDenied(error)) return { created: false, retentionMs: null };
    if (codeOf(error) !== NOT_FOUND) throw failed(`namespace ${namespace} cannot be read`, error);
  }
  if (!needs.create) {
    throw new RekindleError('ENGINE_UNAVAILABLE', `the Temporal server has no namespace ${namespace}`, {
      hint: `Create it (temporal operator namespace create --retention 30d ${namespace}), or set TEMPORAL_NAMESPACE.`,
    });
  }
  try {
    await connection.workflowService.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: msToTs(needs.retentionMs),
    });
  } catch (error) {
    if (codeOf(error) !== ALREADY_EXISTS) throw failed(`namespace ${namespace} cannot be created`, error);
  }
  await untilKnown(connection, namespace);
  return { created: true, retentionMs: needs.retentionMs };
}

/** What is new is known to the whole server when its caches are refreshed: attributes in 0.5 s, a namespace in 2 to 10 s. */
const KNOWN_TIMEOUT_MS = 30_000;
const POLL_MS = 50;

async function untilKnown(connection: Connection, namespace: string): Promise<void> {
  await repeated(() => connection.operatorService.listSearchAttributes({ namespace }), [NOT_FOUND]);
}

/** Asks for what nobody has, by all our attributes, until the server understands the question. */
async function becomesUsable(connection: Connection, namespace: string): Promise<void> {
  const query = (Object.keys(SEARCH_ATTRIBUTES) as AttributeName[]).map((name) => `${name} IS NULL`);
  const request = { namespace, query: [...query, 'WorkflowId = "none"'].join(' AND ') };
  const count = () => connection.workflowService.countWorkflowExecutions(request);
  await repeated(count, [NOT_FOUND, INVALID_ARGUMENT]);
}

/**
 * Repeats a call as long as its answer is one of `notYet`. Another failure ends it as success does: the next thing that
 * is really needed fails as well and says so.
 */
async function repeated(call: () => Promise<unknown>, notYet: readonly number[]): Promise<void> {
  const deadline = performance.now() + KNOWN_TIMEOUT_MS;
  for (;;) {
    try {
      await call();
      return;
    } catch (error) {
      if (!notYet.includes(codeOf(error) ?? 0) || performance.now() > deadline) return;
    }
    await delay(POLL_MS);
  }
}

/** Never lowers it: somebody may want more. */
async function raiseRetention(
  connection: Connection,
  { namespace, retentionMs }: NamespaceNeeds,
  current: number | null,
  warnings: string[],
): Promise<boolean> {
  if (current !== null && current >= retentionMs) return false;
  try {
    await connection.workflowService.updateNamespace({
      namespace,
      config: { workflowExecutionRetentionTtl: msToTs(retentionMs) },
    });
    return true;
  } catch (error) {
    const days = Math.round(retentionMs / 86_400_000);
    warnings.push(
      `the retention of namespace ${namespace} could not be raised to ${days} days (${messageOf(error)}): ` +
        'closed tasks may disappear from Temporal earlier',
    );
    return false;
  }
}

async function addAttributes(
  connection: Connection,
  { namespace }: NamespaceNeeds,
  warnings: string[],
): Promise<readonly string[]> {
  const missing = await missingAttributes(connection, namespace, warnings);
  if (missing.length === 0) return [];
  try {
    await connection.operatorService.addSearchAttributes({
      namespace,
      searchAttributes: Object.fromEntries(
        missing.map((name) => [name, TYPE_NUMBERS[SEARCH_ATTRIBUTES[name]]]),
      ),
    });
  } catch (error) {
    if (codeOf(error) === ALREADY_EXISTS) return [];
    const commands = missing.map((name) => `--name ${name} --type ${SEARCH_ATTRIBUTES[name]}`).join(' ');
    throw failed(
      `namespace ${namespace} lacks the search attributes ${missing.join(', ')}, and they cannot be added`,
      error,
      `Let somebody with the rights run: temporal operator search-attribute create --namespace ${namespace} ${commands}`,
    );
  }
  return missing;
}

async function missingAttributes(
  connection: Connection,
  namespace: string,
  warnings: string[],
): Promise<AttributeName[]> {
  const names = Object.keys(SEARCH_ATTRIBUTES) as AttributeName[];
  const existing = await customAttributes(connection, namespace, warnings);
  if (!existing) return [];
  const wrong = names.filter(
    (name) => name in existing && existing[name] !== TYPE_NUMBERS[SEARCH_ATTRIBUTES[name]],
  );
  if (wrong.length > 0) {
    const list = wrong.map((name) => `${name} (needed: ${SEARCH_ATTRIBUTES[name]})`).join(', ');
    throw new RekindleError(
      'INVALID_CONFIG',
      `namespace ${namespace} has search attributes of another type: ${list}`,
      { hint: 'Use another namespace (TEMPORAL_NAMESPACE), or remove them if nothing else needs them.' },
    );
  }
  return names.filter((name) => !(name in existing));
}

/** Custom attributes by name with their type numbers; null: we may not look. */
async function customAttributes(
  connection: Connection,
  namespace: string,
  warnings: string[],
): Promise<Record<string, number> | null> {
  try {
    const { customAttributes: found } = await connection.operatorService.listSearchAttributes({ namespace });
    return found as Record<string, number>;
  } catch (error) {
    if (!isDenied(error))
      throw failed(`the search attributes of namespace ${namespace} cannot be read`, error);
    warnings.push(
      `the search attributes of namespace ${namespace} could not be looked at (${messageOf(error)}); ` +
        `tasks need ${Object.keys(SEARCH_ATTRIBUTES).join(', ')}`,
    );
    return null;
  }
}

function codeOf(error: unknown): number | undefined {
  return (error as { code?: number } | null)?.code;
}

function isDenied(error: unknown): boolean {
  const code = codeOf(error);
  return code === PERMISSION_DENIED || code === UNIMPLEMENTED;
}

function messageOf(error: unknown): string {
  const { details, message } = error as { details?: string; message?: string };
  return details || message || String(error);
}

function failed(
  what: string,
  error: unknown,
  hint = 'Check that the Temporal server is well and the rights.',
): RekindleError {
  return new RekindleError('ENGINE_UNAVAILABLE', `${what}: ${messageOf(error)}`, { hint, cause: error });
}
