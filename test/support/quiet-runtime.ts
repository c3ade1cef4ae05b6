import { DefaultLogger, Runtime } from '@temporalio/worker';

let installed = false;

/** For tests that start workers of their own: failing steps and workflow tasks are what they are about. */
export function quietRuntime(): void {
  if (installed) return;
  installed = true;
  const telemetryOptions = { logging: { filter: 'ERROR', forward: {} } };
  Runtime.install({ logger: new DefaultLogger('ERROR', () => undefined), telemetryOptions });
}
