/** Child of the journal's tests: writes a journal, says what is left in it, and waits to be killed. */
import {
  type ActivityInFlight,
  InFlightJournal,
  type WorkerRole,
} from '../../src/supervisor/in-flight-journal.ts';

const [dir = '', role = 'service', work] = process.argv.slice(2);
const journal = new InFlightJournal(dir, role as WorkerRole);
const activity = (n: number): ActivityInFlight => ({
  workflowId: `task-${n}`,
  runId: `run-${n}`,
  activityId: String(n),
  attempt: n,
  taskToken: Buffer.from(`token ${n}`).toString('base64'),
});

const left = work === 'nothing' ? [] : [activity(1), activity(3)];
if (work !== 'nothing') {
  journal.started(activity(1));
  journal.ended(journal.started(activity(2)));
  journal.started(activity(3));
}
console.log(JSON.stringify(left));
process.stdin.resume();
