import { proxyActivities } from '@temporalio/workflow';

const { noop } = proxyActivities<{ noop(n: number): Promise<number> }>({
  startToCloseTimeout: '24 hours',
  heartbeatTimeout: '10 seconds',
});

/** What a user of plain Temporal would write: as many activities as a download has steps, nothing else. */
export async function bare(): Promise<number> {
  let sum = 0;
  for (let n = 0; n < 5; n++) sum += await noop(n);
  return sum;
}
