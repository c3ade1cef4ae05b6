/** `npm run bench -- NAME [arguments]`: measures one thing, beside what a user would use instead. */
const BENCHMARKS: Record<
  string,
  { readonly what: string; readonly load: () => Promise<{ run(args: string[]): Promise<void> }> }
> = {
  download: {
    what: 'downloads beside curl and aria2c, memory, kill -9, start-up',
    load: () => import('./download.ts'),
  },
  tasks: { what: 'our workflow and mirror beside bare Temporal workflows', load: () => import('./tasks.ts') },
  locks: { what: 'resource locks, beside flock(1)', load: () => import('./locks.ts') },
  analysis: {
    what: 'the pattern analysis over a million failures of a mirror file',
    load: () => import('./analysis.ts'),
  },
  crash: {
    what: 'kill -9 of worker, engine and everything under load; takeover by another host',
    load: () => import('./crash.ts'),
  },
  heal: {
    what: 'hundreds of downloads with faults of every kind, left alone',
    load: () => import('./heal.ts'),
  },
  soak: {
    what: 'a day in minutes under a mixed load: does anything grow',
    load: () => import('./soak.ts'),
  },
  scan: {
    what: 'the failure scan over up to 20,000 failed tasks: time for each, memory, history',
    load: () => import('./scan.ts'),
  },
  encryption: {
    what: 'tasks with encryption beside tasks without',
    load: () => import('./encryption.ts'),
  },
  classify: { what: 'accuracy and speed of the classifier', load: () => import('./classify.ts') },
};

const [name = '', ...args] = process.argv.slice(2);
const benchmark = BENCHMARKS[name];
if (benchmark) {
  await (await benchmark.load()).run(args);
} else {
  console.error(`usage: npm run bench -- NAME\n`);
  for (const [known, { what }] of Object.entries(BENCHMARKS)) console.error(`  ${known.padEnd(10)} ${what}`);
  process.exitCode = 2;
}
