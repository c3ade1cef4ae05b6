import type { CommandSpec } from './command-spec.ts';

/** The commands of one word. */
export const COMMANDS: readonly CommandSpec[] = [
  {
    usage: 'demo',
    description: 'see a download survive a rough server and a killed worker; needs no internet',
    load: () => import('./commands/demo.ts'),
  },
  {
    usage: 'download [url...]',
    description: 'download files as tasks that can be interrupted at any moment',
    options: [
      ['--to <dir>', 'directory of the files (default: the working directory)'],
      ['--name <name>', 'name of the file; only with one URL'],
      ['--sha256 <hash>', 'expected SHA-256; only with one URL'],
      ['--connections <n>', 'connections of one download at once (default: 4)'],
      ['--limit-rate <rate>', 'bytes per second of one download, e.g. 500k or 2M'],
      ['--session <site/account>', 'show the site a session; log in when there is none'],
      ['--max-bytes <size>', 'do not fetch a larger file, e.g. 500M or 2G'],
      ['--max-duration <seconds>', 'give a transfer up that takes longer in all'],
      ['--input <file>', 'read URLs from a file, one a line; - is standard input'],
      ['--force', 'replace what exists, fetch again what is complete'],
      ['--detach', 'start the tasks beside a running `up` and return their ids'],
    ],
    load: () => import('./commands/download.ts'),
  },
  {
    usage: 'login <site>',
    description: 'log in to a site that sites/<site>.yaml describes, and keep the session for tasks',
    options: [
      ['--account <name>', 'which account, when there are several (default: default)'],
      ['--user <user>', 'name of the user, or where it stands: env:NAME, file:PATH'],
      ['--password <reference>', 'where the password stands: env:NAME, file:PATH'],
      ['--totp <reference>', 'where the secret of one-time codes stands'],
      ['--detach', 'start the login beside a running `up` and return its id'],
    ],
    load: () => import('./commands/login.ts'),
  },
  {
    usage: 'up',
    description:
      'run everything in the foreground: engine, a worker and its spare, mirror, scans, notifications; after a crash what was left goes on. Ctrl-C or SIGTERM: steps save their state, exit code 0; a second one ends everything at once, 130',
    load: () => import('./commands/up.ts'),
  },
  { usage: 'worker', description: 'run a worker alone', load: () => import('./commands/worker.ts') },
  {
    usage: 'codec-server',
    description: 'decrypt for the Temporal Web UI and CLI, for those who know the token; until Ctrl-C',
    load: () => import('./commands/codec-server.ts'),
  },
  {
    usage: 'down',
    description: 'stop what the data directory still has running',
    load: () => import('./commands/down.ts'),
  },
  {
    usage: 'stats',
    description: 'counts of tasks, and of the mirror',
    load: () => import('./commands/stats.ts'),
  },
  {
    usage: 'doctor',
    description: 'check that everything needed is there',
    load: () => import('./commands/doctor.ts'),
  },
  {
    usage: 'health',
    description: 'how the running system stands; exit code 1 when something is not right',
    load: () => import('./commands/health.ts'),
  },
  {
    usage: 'drill',
    description: 'kill everything that can be killed while it works, and see that nothing is lost',
    options: [
      ['--tasks <n>', 'downloads (default: 60)'],
      ['--kills <n>', 'faults (default: 12)'],
      [
        '--faults <list>',
        'worker,spare,keeper,supervisor,engine,everything (default: these), network,disk-full; all',
      ],
      ['--seed <n>', 'decides order and moments, to do the same again (default: another each time)'],
      ['--minutes <n>', 'given up after so long (default: 10)'],
      ['--keep', 'keep the directory with data, files and log'],
    ],
    load: () => import('./commands/drill.ts'),
  },
  {
    usage: 'recover [id...]',
    description: 'start failed tasks again from their last checkpoint',
    options: [
      ['--category <category>', 'only tasks that failed with this category'],
      ['--type <type>', 'only tasks of this type'],
      ['--fingerprint <fingerprint>', 'only tasks that failed with one group of messages'],
      ['--since <time>', 'only tasks that failed since 90m, 12h, 30d ago, or a date'],
      ['--limit <n>', 'at most so many, the last failed first (default: all)'],
      ['--dry-run', 'show what would start again, and what would be refused; start nothing'],
      ['--force', 'at once, whatever its category and the attempt limit say'],
      ['--from-start', 'forget the checkpoint'],
      ['--from-step <step>', 'go on at this step, which is the checkpoint’s or an earlier one'],
    ],
    load: () => import('./commands/recover.ts'),
  },
  {
    usage: 'history',
    description: 'what was recovered, when and how, from the recovery log',
    options: [
      ['--hours <n>', 'how far back (default: 24)'],
      ['--type <type>', 'only events of this type, e.g. task_recovery'],
      ['--task <id>', 'only events of one task'],
      ['--limit <n>', 'at most so many (default: 1000)'],
    ],
    load: () => import('./commands/history.ts'),
  },
  {
    usage: 'backup [file]',
    description: 'back the mirror up, to backups/ or to a file',
    load: () => import('./commands/backup.ts'),
  },
  {
    usage: 'restore <file>',
    description: 'put a backup in the place of the mirror',
    load: () => import('./commands/restore.ts'),
  },
  {
    usage: 'classify [message...]',
    description:
      'say what error messages mean; without arguments those on standard input, a line of JSON for each',
    load: () => import('./commands/classify.ts'),
  },
];
