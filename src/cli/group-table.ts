import type { GroupSpec } from './command-spec.ts';

/** The commands that share their first word. */
export const GROUPS: readonly GroupSpec[] = [
  {
    name: 'task',
    description: 'look at tasks and steer them',
    commands: [
      {
        usage: 'list',
        description: 'list tasks, the newest first',
        options: [
          ['--status <status>', 'only tasks of this status'],
          ['--type <type>', 'only tasks of this type'],
          ['--older-than <hours>', 'only tasks unchanged for so many hours'],
          ['--limit <n>', 'at most so many (default: 100)'],
        ],
        load: () => import('./commands/task-list.ts'),
      },
      { usage: 'show <id>', description: 'show one task', load: () => import('./commands/task-show.ts') },
      {
        usage: 'wait <id>',
        description: 'wait for the end of a task; exit code 1 when it failed',
        load: () => import('./commands/task-wait.ts'),
      },
      {
        usage: 'pause <id>',
        description: 'stop a task and keep what it has',
        load: () => import('./commands/task-pause.ts'),
      },
      {
        usage: 'resume <id>',
        description: 'let a paused task go on',
        load: () => import('./commands/task-resume.ts'),
      },
      {
        usage: 'cancel <id>',
        description: 'end a task for good',
        options: [['--keep', 'keep what was fetched, for a later start of the same task']],
        load: () => import('./commands/task-cancel.ts'),
      },
    ],
    groups: [
      {
        name: 'checkpoint',
        description: 'look at the checkpoint of a task, and have a failed one go on from another',
        commands: [
          {
            usage: 'show <id>',
            description: 'show a task’s checkpoint, with everything that is wrong with it',
            load: () => import('./commands/checkpoint-show.ts'),
          },
          {
            usage: 'reset <id>',
            description: 'start a failed task over, or again at an earlier step',
            options: [['--to-step <step>', 'the step to go on at (default: start over)']],
            load: () => import('./commands/checkpoint-reset.ts'),
          },
          {
            usage: 'set <id>',
            description: 'have a failed task go on from a checkpoint of yours',
            options: [['--file <file>', 'JSON file with the checkpoint; - is standard input']],
            load: () => import('./commands/checkpoint-set.ts'),
          },
        ],
      },
    ],
  },
  {
    name: 'schedule',
    description: 'what runs by itself: failure scan, pattern analysis, health check',
    commands: [
      { usage: 'list', description: 'list the schedules', load: () => import('./commands/schedule-list.ts') },
      {
        usage: 'describe <id>',
        description: 'show one schedule: when, what, and its latest starts',
        load: () => import('./commands/schedule-describe.ts'),
      },
      {
        usage: 'pause <id>',
        description: 'keep a schedule from starting anything',
        load: () => import('./commands/schedule-pause.ts'),
      },
      {
        usage: 'resume <id>',
        description: 'let a paused schedule go on',
        load: () => import('./commands/schedule-resume.ts'),
      },
      {
        usage: 'trigger <id>',
        description: 'start now what a schedule starts',
        load: () => import('./commands/schedule-trigger.ts'),
      },
    ],
  },
  {
    name: 'failure',
    description: 'what failed, and what was done about it',
    commands: [
      {
        usage: 'list',
        description: 'list failed runs, the newest first',
        options: [
          ['--category <category>', 'only failures of this category'],
          ['--type <type>', 'only tasks of this type'],
          ['--fingerprint <fingerprint>', 'only failures of one group of messages'],
          ['--since <time>', 'only failures since 90m, 12h, 30d ago, or a date'],
          ['--limit <n>', 'at most so many (default: 100)'],
        ],
        load: () => import('./commands/failure-list.ts'),
      },
      {
        usage: 'judge <id> <category>',
        description: 'confirm or correct the category of a task’s last failure',
        load: () => import('./commands/failure-judge.ts'),
      },
    ],
  },
  {
    name: 'report',
    description: 'reports of failure scans and pattern analyses',
    commands: [
      {
        usage: 'list',
        description: 'list reports, the newest first',
        options: [
          ['--kind <kind>', 'failure_processing or failure_analysis (default: both)'],
          ['--limit <n>', 'at most so many (default: 20)'],
        ],
        load: () => import('./commands/report-list.ts'),
      },
      {
        usage: 'show [name]',
        description: 'show a report, by default the latest',
        options: [['--kind <kind>', 'failure_processing or failure_analysis (default: both)']],
        load: () => import('./commands/report-show.ts'),
      },
      {
        usage: 'analyse',
        description: 'analyse the failures of the mirror now',
        options: [['--days <n>', 'length of the period (default: 7)']],
        load: () => import('./commands/report-analyse.ts'),
      },
    ],
  },
  {
    name: 'rules',
    description: 'rules of your own for the classifier',
    commands: [
      {
        usage: 'test <file>',
        description: 'which past failures would change category with the rules of a file',
        options: [['--since <time>', 'failures since 90m, 12h, 30d ago, or a date (default: 30d)']],
        load: () => import('./commands/rules-test.ts'),
      },
    ],
  },
  {
    name: 'lock',
    description: 'resource locks: one at a time, on this machine or in the cluster',
    commands: [
      {
        usage: 'list',
        description: 'list the locks that somebody has or wants',
        load: () => import('./commands/lock-list.ts'),
      },
      {
        usage: 'run <name> <command...>',
        description: 'run a command while holding a lock; its exit code is the command’s',
        options: [
          ['--timeout <seconds>', 'how long to wait for the lock (default: 30)'],
          ['--scope <scope>', 'machine or cluster (default: cluster when TEMPORAL_ADDRESS is set)'],
        ],
        load: () => import('./commands/lock-run.ts'),
      },
    ],
  },
  {
    name: 'session',
    description: 'sessions with sites that want a login',
    commands: [
      {
        usage: 'list',
        description: 'list the sessions, and what they wait for',
        load: () => import('./commands/session-list.ts'),
      },
      {
        usage: 'show <site/account>',
        description: 'show how one session stands; never what it holds',
        load: () => import('./commands/session-show.ts'),
      },
      {
        usage: 'revoke <site/account>',
        description: 'declare a session void; the next task that needs it logs in',
        load: () => import('./commands/session-revoke.ts'),
      },
      {
        usage: 'answer <site/account> <code>',
        description: 'give a login that waits for a person its code; - reads it from standard input',
        load: () => import('./commands/session-answer.ts'),
      },
    ],
  },
  {
    name: 'notify',
    description: 'who was told what, and by which channel',
    commands: [
      {
        usage: 'list',
        description: 'list the latest notifications and how they were delivered',
        options: [
          ['--audience <audience>', 'only for administrators or user'],
          ['--limit <n>', 'at most so many (default: 20)'],
        ],
        load: () => import('./commands/notify-list.ts'),
      },
      {
        usage: 'messages',
        description: 'show in-app messages',
        options: [
          ['--team <team>', 'only those of this team'],
          ['--unread', 'only those that nobody has read'],
          ['--limit <n>', 'at most so many (default: 20)'],
        ],
        load: () => import('./commands/notify-messages.ts'),
      },
      {
        usage: 'read [id...]',
        description: 'note that in-app messages were read',
        options: [
          ['--all', 'all of them'],
          ['--team <team>', 'only those of this team'],
        ],
        load: () => import('./commands/notify-read.ts'),
      },
      {
        usage: 'test <channel>',
        description: 'send a test message by a channel; log is the log files',
        load: () => import('./commands/notify-test.ts'),
      },
    ],
  },
  {
    name: 'mirror',
    description: 'the SQLite mirror for reports',
    commands: [
      {
        usage: 'check',
        description: 'compare the mirror with Temporal',
        load: () => import('./commands/mirror-check.ts'),
      },
      {
        usage: 'rebuild',
        description: 'build the mirror anew from Temporal',
        load: () => import('./commands/mirror-rebuild.ts'),
      },
      {
        usage: 'repair',
        description: 'look for damage; a damaged mirror is set aside and built anew',
        load: () => import('./commands/mirror-repair.ts'),
      },
      {
        usage: 'vacuum',
        description: 'give the space of what was removed back to the disk',
        load: () => import('./commands/mirror-vacuum.ts'),
      },
      {
        usage: 'run',
        description: 'keep the mirror up to date and look after failed tasks, without a worker for tasks',
        load: () => import('./commands/mirror-run.ts'),
      },
    ],
  },
];
