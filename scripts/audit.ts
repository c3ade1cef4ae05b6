/**
 * Looks for known weaknesses, high or critical, of the packages that rekindle runs with: `npm run audit`. It fails when
 * there are any. A registry that answers no such question, or none that can be reached, is no finding: then it says why
 * nothing was looked at.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** What came of an audit. */
export type Audit =
  | { readonly outcome: 'clean' }
  | { readonly outcome: 'skipped'; readonly reason: string }
  | { readonly outcome: 'found'; readonly findings: readonly string[] };

const TIMEOUT_MS = 120_000;
const SERIOUS = new Set(['high', 'critical']);

interface Report {
  readonly vulnerabilities?: Readonly<
    Record<string, { readonly severity?: string; readonly range?: string }>
  >;
  readonly message?: string;
  readonly statusCode?: number;
  readonly error?: { readonly code?: string; readonly summary?: string };
}

/** What the output of `npm audit --json` says. Its addresses are not repeated: a registry's may hold a token. */
export function auditOf(json: string): Audit {
  const report = parsed(json);
  if (!report) return { outcome: 'skipped', reason: 'npm audit gave no answer that could be read' };
  const { vulnerabilities } = report;
  if (!vulnerabilities) return { outcome: 'skipped', reason: reasonOf(report) };
  const findings = Object.entries(vulnerabilities)
    .filter(([, { severity = '' }]) => SERIOUS.has(severity))
    .map(([name, { severity, range = '' }]) => `${name} ${range}: ${severity}`);
  return findings.length > 0 ? { outcome: 'found', findings } : { outcome: 'clean' };
}

function parsed(json: string): Report | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function reasonOf({ statusCode, error, message = '' }: Report): string {
  if (statusCode !== undefined) return `the registry has no audit endpoint (it answered ${statusCode})`;
  const code = error?.code ?? /\b(E[A-Z_]{3,})\b/.exec(message)?.[1];
  return `the registry could not be asked${code ? ` (${code})` : ''}`;
}

function main(): void {
  const { stdout } = spawnSync('npm', ['audit', '--omit=dev', '--audit-level=high', '--json'], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    encoding: 'utf8',
    timeout: TIMEOUT_MS,
  });
  const audit = auditOf(stdout);
  switch (audit.outcome) {
    case 'clean':
      console.log('audit: no known high or critical weakness in the packages that rekindle runs with');
      return;
    case 'skipped':
      console.log(`audit: skipped, ${audit.reason}`);
      return;
    case 'found':
      console.error(['audit: known weaknesses; see npm audit --omit=dev', ...audit.findings].join('\n  - '));
      process.exitCode = 1;
  }
}

if (import.meta.main) main();
