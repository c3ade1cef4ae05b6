/** Child of the lock tests: takes the lock named in its arguments, says so, and keeps it until it is told or killed. */
import { once } from 'node:events';
import { tryLock } from '../../src/locks/process-lock.ts';

const lock = tryLock(process.argv[2] ?? '', 'child');
console.log(JSON.stringify({ locked: lock !== null }));
await once(process.stdin, 'data');
lock?.release();
console.log(JSON.stringify({ locked: false }));
process.exit();
