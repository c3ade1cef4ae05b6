import { existsSync, readdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { ActivityCompletionError, ActivityNotFoundError, type Client } from '@temporalio/client';
import { expect, test } from 'vitest';
import { silentLogger } from '../../src/logger.ts';
import { abandonedJournals } from '../../src/supervisor/read-journals.ts';
import { takeOver } from '../../src/supervisor/take-over.ts';
import { startChild } from '../support/child.ts';
import { tempDir } from '../support/temp-dir.ts';

/** A server without workflows that is told of activities; each answer once, the last one stays. */
function server(...answers: readonly (Error | 'told')[]) {
  const left = [...answers];
  const asked: string[] = [];
  const fail = async (token: Uint8Array): Promise<void> => {
    asked.push(Buffer.from(token).toString());
    const answer = left.length > 1 ? left.shift() : left[0];
    if (answer instanceof Error) throw answer;
  };
  const client = {
    options: { namespace: 'default' },
    activity: { fail },
    workflowService: {
      listWorkflowExecutions: async () => ({ executions: [] }),
      resetStickyTaskQueue: async () => ({}),
    },
  };
  return { client: client as unknown as Client, asked };
}

const AWAY = new ActivityCompletionError('14 UNAVAILABLE: no connection');
const CLOSED = new ActivityNotFoundError('Not found');

/** Where a worker was killed in the middle of two activities, `1` and `3`. */
async function killedWorker(): Promise<string> {
  const dir = tempDir();
  const child = startChild(new URL('./journal-child.ts', import.meta.url), [dir]);
  await child.next();
  await child.kill();
  return dir;
}

const journals = (dir: string) => readdirSync(dir).filter((name) => name.endsWith('.journal'));

test('attempts are given back to a server that could not be told at first', async () => {
  const dir = await killedWorker();
  const { client, asked } = server(AWAY, AWAY, AWAY, 'told');
  expect(await takeOver(dir, client, silentLogger)).toMatchObject({ deadWorkers: 1, activities: 2 });
  expect(asked).toHaveLength(5);
  expect(journals(dir)).toEqual([]);
});

test('attempts that are no longer open are told of once, and their journal goes', async () => {
  const dir = await killedWorker();
  const { client, asked } = server(CLOSED);
  expect(await takeOver(dir, client, silentLogger)).toMatchObject({ deadWorkers: 1, activities: 0 });
  expect(asked).toHaveLength(2);
  expect(journals(dir)).toEqual([]);
});

test('what could not be given back, and only that, is left to the next one who takes over', async () => {
  const dir = await killedWorker();
  const away = server('told', AWAY);
  expect(await takeOver(dir, away.client, silentLogger, undefined, 0)).toMatchObject({ activities: 1 });
  expect(abandonedJournals(dir).flatMap(({ inFlight }) => inFlight)).toMatchObject([{ activityId: '3' }]);

  const back = server('told');
  expect(await takeOver(dir, back.client, silentLogger)).toMatchObject({ deadWorkers: 1, activities: 1 });
  expect(back.asked).toHaveLength(1);
  expect(journals(dir)).toEqual([]);
});

test('what could not be given back for an hour is left to the server', async () => {
  const dir = await killedWorker();
  const [name = ''] = journals(dir);
  const longAgo = new Date(Date.now() - 3_700_000);
  utimesSync(join(dir, name), longAgo, longAgo);
  await takeOver(dir, server(AWAY).client, silentLogger, undefined, 0);
  expect(existsSync(join(dir, name))).toBe(false);
});
