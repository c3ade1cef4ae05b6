/** Engine, worker with sessions and a login of the test's own, and a site: one for all tests of a file. */
import type { Client } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { createSessionActivities } from '../../src/activities/session/index.ts';
import { RekindleClient } from '../../src/client/rekindle-client.ts';
import type { Config } from '../../src/config.ts';
import { MONITORING_QUEUE } from '../../src/domain/queues.ts';
import type { SessionName, SessionView } from '../../src/domain/session.ts';
import { silentLogger } from '../../src/logger.ts';
import { MirrorKeeper } from '../../src/mirror/index.ts';
import type { Vault } from '../../src/secrets/vault.ts';
import { showSession } from '../../src/sessions/session-client.ts';
import type { WorkflowSessions } from '../../src/sessions/session-port.ts';
import { QUICK_RETRIES } from '../support/downloads.ts';
import { suiteEngine, type TestEngine } from '../support/engine.ts';
import { quietRuntime } from '../support/quiet-runtime.ts';
import { SessionSite } from '../support/session-site.ts';
import type { LoginPlan } from './fake-login.ts';
import { sessionWorker } from './session-worker.ts';

export interface SessionBench extends TestEngine {
  readonly client: Client;
  readonly rekindle: RekindleClient;
  readonly site: SessionSite;
  readonly vault: Vault;
  readonly mirror: MirrorKeeper;
  readonly sessions: WorkflowSessions;
  /** Says what logins do from now on. @default they succeed at once */
  plan(plan: LoginPlan): void;
  view(name: SessionName): Promise<SessionView>;
}

/** @param changes to the configuration. */
export function suiteSessions(changes: Partial<Config> = {}): () => SessionBench {
  const engine = suiteEngine({ config: { ...QUICK_RETRIES, ...changes } });
  let current: SessionBench | undefined;
  let plan: LoginPlan = {};
  const stops: (() => Promise<unknown>)[] = [];
  beforeAll(async () => {
    quietRuntime();
    const { config, connected } = engine();
    const { client } = connected;
    const site = await SessionSite.start();
    const mirror = new MirrorKeeper(config.database.path, { maxReaders: 2, log: silentLogger });
    const { vault, sessions, stop } = await sessionWorker(engine(), {
      origin: site.origin,
      plan: () => plan,
      lifetimeMs: () => site.lifetimeMs,
    });
    const connection = await NativeConnection.connect({ address: engine().engine.address });
    const house = await Worker.create({
      connection,
      taskQueue: MONITORING_QUEUE,
      activities: { ...createSessionActivities({ mirror }) },
    });
    const done = house.run();
    stops.push(
      stop,
      () => site.close(),
      async () => {
        house.shutdown();
        await done;
        await connection.close();
        mirror.close();
      },
    );
    current = {
      ...engine(),
      client,
      site,
      vault,
      mirror,
      sessions,
      rekindle: new RekindleClient(client, config),
      plan: (next) => {
        plan = next;
      },
      view: (name) => showSession(client, name),
    };
  });
  beforeEach(() => {
    plan = {};
    if (!current) return;
    Object.assign(current.site, {
      lifetimeMs: null,
      bytesPerSecond: Number.POSITIVE_INFINITY,
      refusal: 401,
      closed: false,
      loginTakesMs: 0,
      elsewhere: undefined,
    });
    current.site.requests.length = 0;
    current.site.logins = 0;
  });
  afterAll(async () => {
    for (const stop of stops) await stop();
  });
  return () => {
    if (!current) throw new Error('suiteSessions(): ask for it inside a test');
    return current;
  };
}
