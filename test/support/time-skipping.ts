/**
 * Temporal's time-skipping test server: the Java original from Maven Central, since the native one's download is out
 * of reach on the project's machines. It has no schedules and no visibility.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { acquireLock } from '../../src/locks/process-lock.ts';

const VERSION = '1.31.0';
/** Fetching 34 MB of jars. */
const FETCH_TIMEOUT_MS = 300_000;

const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>rekindle</groupId><artifactId>time-skipping-server</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>io.temporal</groupId><artifactId>temporal-test-server</artifactId><version>${VERSION}</version></dependency>
    <!-- Says nothing: its debug logging costs more than its work. -->
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
`;

/** Why there is no time-skipping server on this machine; null: there is one, or one can be fetched. */
export function noTimeSkipping(cacheDir: string): string | null {
  if (!runs('java', ['-version'])) return 'Java is not installed (needed by the time-skipping test server)';
  if (existsSync(launcher(cacheDir)) || runs('mvn', ['-version'])) return null;
  return 'Maven is not installed (fetches the time-skipping test server)';
}

/**
 * A test environment in which timers pass at once. Skipping is global to its server, so each test file starts one
 * (measured: 1.1 s) and runs its workflows one after the other. Call `teardown()` in `afterAll`.
 */
export async function timeSkippingServer(cacheDir: string): Promise<TestWorkflowEnvironment> {
  const path = await fetchServer(cacheDir);
  const options = { server: { executable: { type: 'existing-path' as const, path } } };
  try {
    return await TestWorkflowEnvironment.createTimeSkipping(options);
  } catch {
    // The SDK gives it 5 s; on a machine that is busy with other tests a Java start may need more, once.
    return TestWorkflowEnvironment.createTimeSkipping(options);
  }
}

function home(cacheDir: string): string {
  return join(cacheDir, `temporal-test-server-${VERSION}`);
}

function launcher(cacheDir: string): string {
  return join(home(cacheDir), 'run.sh');
}

/** Fetches the jars once on a machine; the launcher is there only when they all are. */
async function fetchServer(cacheDir: string): Promise<string> {
  const script = launcher(cacheDir);
  if (existsSync(script)) return script;
  using _lock = await acquireLock(`${home(cacheDir)}.lock`, { timeoutMs: FETCH_TIMEOUT_MS });
  if (existsSync(script)) return script;
  const work = `${home(cacheDir)}.new`;
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  writeFileSync(join(work, 'pom.xml'), POM);
  const goal = ['dependency:copy-dependencies', '-DoutputDirectory=lib', '-DincludeScope=runtime'];
  const fetched = spawnSync('mvn', ['-q', '-B', ...goal], {
    cwd: work,
    encoding: 'utf8',
    timeout: FETCH_TIMEOUT_MS,
  });
  if (fetched.status !== 0)
    throw new Error(`Maven could not fetch the test server: ${fetched.stdout}${fetched.stderr}`);
  writeFileSync(join(work, 'run.sh'), startScript(cacheDir));
  chmodSync(join(work, 'run.sh'), 0o755);
  rmSync(home(cacheDir), { recursive: true, force: true });
  renameSync(work, home(cacheDir));
  return script;
}

/** Options for a process that lives for seconds: quick to start rather than fast in the end. */
function startScript(cacheDir: string): string {
  const jars = join(home(cacheDir), 'lib', '*');
  return `#!/bin/sh
exec java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xmx512m -cp '${jars}' io.temporal.testserver.TestServer "$@"
`;
}

function runs(command: string, args: string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore', timeout: 20_000 }).status === 0;
}
