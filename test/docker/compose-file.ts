/** docker-compose.yml as Docker's client sees it: merged, interpolated, its short forms spelled out. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

export interface Service {
  readonly image?: string;
  readonly build?: string;
  readonly command?: readonly string[];
  readonly user?: string;
  readonly init?: boolean;
  readonly read_only?: boolean;
  readonly privileged?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly restart?: string;
  readonly stop_grace_period?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly env_file?: string | readonly string[];
  readonly volumes?: readonly string[];
  readonly networks?: readonly string[];
  readonly ports?: readonly string[];
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
}

export interface ComposeFile {
  readonly services: Readonly<Record<string, Service>>;
  readonly networks: Readonly<Record<string, unknown>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

/** A use of a variable: `${NAME}`, `${NAME:-fallback}` or `${NAME:?message}`. */
export interface VariableUse {
  readonly name: string;
  readonly fallback: string | undefined;
}

export interface Mount {
  /** A volume's name or a path of this machine; undefined: a volume without a name. */
  readonly source: string | undefined;
  readonly target: string;
  readonly readOnly: boolean;
}

const VARIABLE = /\$\{(?<name>\w+)(?::(?<operator>[-?])(?<text>[^}]*))?\}/g;

/** The file with its anchors resolved, but with its variables as they are written. */
export function readCompose(path = 'docker-compose.yml'): ComposeFile {
  return parse(readFileSync(path, 'utf8'), { merge: true }) as ComposeFile;
}

/** The file as it is with these variables. @throws when one is needed that is not set. */
export function interpolated<T>(value: T, env: Readonly<Record<string, string>>): T {
  return mapStrings(value, (text) =>
    text.replace(VARIABLE, (_match, name: string, operator?: string, rest = '') => {
      if (env[name]) return env[name];
      if (operator === '?') throw new Error(`${name}: ${rest}`);
      return rest;
    }),
  );
}

export function variablesIn(value: unknown): VariableUse[] {
  const found: VariableUse[] = [];
  mapStrings(value, (text) => {
    for (const { groups } of text.matchAll(VARIABLE)) {
      const fallback = groups?.operator === '-' ? (groups.text ?? '') : undefined;
      found.push({ name: groups?.name ?? '', fallback });
    }
    return text;
  });
  return found;
}

/** A file of `NAME=value` lines. */
export function readEnvFile(path: string): Record<string, string> {
  const lines = readFileSync(path, 'utf8').split('\n');
  const settings = lines.filter((line) => line.trim() !== '' && !line.startsWith('#'));
  return Object.fromEntries(
    settings.map((line) => {
      const at = line.indexOf('=');
      return [line.slice(0, at), line.slice(at + 1)];
    }),
  );
}

/** The mounts of an interpolated service. */
export function mountsOf(service: Service): Mount[] {
  return (service.volumes ?? []).map((text) => {
    const [first = '', second, mode] = text.split(':');
    if (second === undefined) return { source: undefined, target: first, readOnly: false };
    return { source: first, target: second, readOnly: mode === 'ro' };
  });
}

export function isPath(source: string): boolean {
  return /^[./~]/.test(source);
}

function mapStrings<T>(value: T, change: (text: string) => string): T {
  if (typeof value === 'string') return change(value) as T;
  if (Array.isArray(value)) return value.map((item) => mapStrings(item, change)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapStrings(item, change)])) as T;
}
