/**
 * Completes package-lock.json after `npm install`: npm leaves out optional packages of other platforms when the
 * registry it asked does not serve them, and `npm ci` then refuses the lock file. What is added is only what npm itself would
 * write for such a package. Run it after every change of dependencies: `npm run lock`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

interface LockEntry {
  readonly version?: string;
  readonly dev?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}
interface Lock {
  packages: Record<string, LockEntry & Record<string, unknown>>;
}

const LOCK_FILE = fileURLToPath(new URL('../package-lock.json', import.meta.url));

/** Optional packages that the lock file names but has no entry for. */
export function missingEntries(lock: Lock): Map<string, LockEntry & Record<string, unknown>> {
  const missing = new Map<string, LockEntry & Record<string, unknown>>();
  for (const [parent, entry] of Object.entries(lock.packages)) {
    for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
      const places = [`${parent}/node_modules/${name}`, `node_modules/${name}`];
      if (places.some((place) => place in lock.packages)) continue;
      const dev = entry.dev ? { dev: true } : {};
      missing.set(`node_modules/${name}`, {
        version: range.replace(/^[\^~]/, ''),
        ...dev,
        optional: true,
        ...platformOf(name),
      });
    }
  }
  return missing;
}

/** What the name of a platform package says; npm uses it to leave the package out elsewhere. */
function platformOf(name: string): Record<string, string[]> {
  const os = /\b(darwin|win32|linux|android|freebsd)\b/.exec(name)?.[1];
  const cpu = /-(arm64|x64|ia32|arm|ppc64|s390x|riscv64)\b/.exec(name)?.[1];
  const libc = /musl/.test(name) ? 'musl' : os === 'linux' && /gnu/.test(name) ? 'glibc' : undefined;
  return { ...(os ? { os: [os] } : {}), ...(cpu ? { cpu: [cpu] } : {}), ...(libc ? { libc: [libc] } : {}) };
}

if (import.meta.main) {
  const lock = JSON.parse(readFileSync(LOCK_FILE, 'utf8')) as Lock;
  const missing = missingEntries(lock);
  const entries = [...Object.entries(lock.packages), ...missing].sort(([a], [b]) => a.localeCompare(b, 'en'));
  lock.packages = Object.fromEntries(entries);
  writeFileSync(LOCK_FILE, `${JSON.stringify(lock, null, 2)}\n`);
  console.log(`${missing.size} entries added`);
}
