/** A process that holds locks, has a journal with work in flight, and says so; it is killed like that. */
import { join } from 'node:path';
import { tryLock } from '../../src/locks/process-lock.ts';
import { InFlightJournal } from '../../src/supervisor/in-flight-journal.ts';
import { RunFile } from '../../src/supervisor/run-file.ts';

// As Temporal makes them (protobuf: field 1, 36 bytes), of a namespace that no server has.
const taskToken = Buffer.from('\n$00000000-0000-4000-8000-000000000000').toString('base64');
const [dataDir = '', what = ''] = process.argv.slice(2);
const run = join(dataDir, 'run');
new RunFile(join(run, 'app.json')).begin('app');
tryLock(join(run, 'app.lock'), 'app');
tryLock(join(dataDir, 'engine', 'users', 'x.lock'), 'app');
if (what !== '') {
  const [workflowId = '', runId = '', activityId = ''] = what.split(' ');
  const journal = new InFlightJournal(run, 'command');
  journal.started({ workflowId, runId, activityId, attempt: 1, taskToken });
}
process.stdout.write('"holding"\n');
setInterval(() => undefined, 1000);
