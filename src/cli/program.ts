import { readFileSync } from 'node:fs';
import { Command, InvalidArgumentError, Option } from 'commander';
import { type CommandContext, contextOf, GLOBAL_OPTIONS, type GlobalOptions } from './context.ts';

/** What a command does; returns the exit code. The module is only loaded when the command is used. */
export type CommandAction<Options extends GlobalOptions = GlobalOptions> = (
  context: CommandContext,
  args: string[],
  options: Options,
) => Promise<number>;

/** A command's place in the program: its words and options, and the module that does it. */
interface CommandSpec {
  readonly usage: string;
  readonly description: string;
  readonly options?: readonly (readonly [flags: string, description: string])[];
  readonly load: () => Promise<{ readonly run: CommandAction<never> }>;
}

const COMMANDS: readonly CommandSpec[] = [
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
      'run everything in the foreground: engine, worker, mirror; after a crash what was left goes on. Ctrl-C or SIGTERM: steps save their state, exit code 0; a second one ends everything at once, 130',
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

/** Commands with a common first word. */
interface GroupSpec {
  readonly name: string;
  readonly description: string;
  readonly commands: readonly CommandSpec[];
  readonly groups?: readonly GroupSpec[];
}

const GROUPS: readonly GroupSpec[] = [
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
        description: 'keep the mirror up to date, without a worker',
        load: () => import('./commands/mirror-run.ts'),
      },
    ],
  },
];

/** Builds the command line's grammar. @param onExitCode told the exit code of the command that ran. */
export function createProgram(signal: AbortSignal, onExitCode: (code: number) => void): Command {
  const program = new Command('rekindle')
    .description('Makes long-running tasks finish.')
    .version(version(), '-V, --version')
    .exitOverride()
    // A wrong command line is told as every other error is, see main.ts.
    .configureOutput({ outputError: () => undefined });
  for (const spec of COMMANDS) addCommand(program, spec, signal, onExitCode);
  for (const group of GROUPS) addGroup(program, group, signal, onExitCode);
  return program;
}

function addGroup(
  parent: Command,
  { name, description, commands, groups = [] }: GroupSpec,
  signal: AbortSignal,
  onExitCode: (code: number) => void,
): void {
  const command = parent.command(name).description(description);
  for (const spec of commands) addCommand(command, spec, signal, onExitCode);
  for (const group of groups) addGroup(command, group, signal, onExitCode);
}

function addCommand(
  parent: Command,
  spec: CommandSpec,
  signal: AbortSignal,
  onExitCode: (code: number) => void,
): void {
  const command = parent.command(spec.usage).description(spec.description);
  for (const [flags, description] of [...(spec.options ?? []), ...GLOBAL_OPTIONS])
    command.addOption(optionOf(flags, description));
  command.action(async (...given: unknown[]) => {
    const options = command.opts<GlobalOptions>();
    const args = given.slice(0, -2).flat() as string[];
    const { run } = await spec.load();
    onExitCode(await run(contextOf(command.name(), options, signal), args, options as never));
  });
}

/** An option whose value cannot be the next option, so that a forgotten value is noticed. */
export function optionOf(flags: string, description: string): Option {
  const option = new Option(flags, description);
  if (!option.required) return option;
  return option.argParser((value: string) => {
    if (value.startsWith('--')) throw new InvalidArgumentError('The value of the option is missing.');
    return value;
  });
}

function version(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
