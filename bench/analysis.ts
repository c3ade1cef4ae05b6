/** Benchmark of the pattern analysis: a mirror file with a million failures, read and analysed. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { classifyMessage } from '../src/failures/index.ts';
import { MirrorKeeper, openMirror, withFailureRows } from '../src/mirror/index.ts';
import { fingerprintOf, writeAnalysis } from '../src/report/index.ts';
import { median, printTable, seconds } from './support/measure.ts';

const ROWS = 1_000_000;
const ROUNDS = 3;
const DAY_MS = 86_400_000;
/** End of the analysed week. */
const TO_MS = Date.UTC(2026, 0, 31);
const SELF = fileURLToPath(import.meta.url);

/**
 * Prints the time of reading, of reading and analysing, the longest time that the thread was not given back, and memory.
 * @param args number of failures. @default 1,000,000
 */
export async function run(args: string[]): Promise<void> {
  const rows = Number(args[0] ?? ROWS);
  const directory = mkdtempSync(join(tmpdir(), 'rekindle-bench-analysis-'));
  try {
    const file = join(directory, 'recovery.db');
    generate(file, rows);
    console.log(
      `${rows.toLocaleString('en')} failures of one week, ${(statSync(file).size / 1e6).toFixed(0)} MB`,
    );
    const table = (['read', 'analyse', 'analyse-ungrouped'] as const).map((what) => {
      const figures = Array.from({ length: ROUNDS }, () => measured(what, file, directory));
      return [
        LABELS[what],
        seconds(figures.map(({ ms }) => ms)),
        `${median(figures.map(({ blockedMs }) => blockedMs)).toFixed(0)} ms`,
        `${median(figures.map(({ rssMb }) => rssMb)).toFixed(0)} MB`,
      ];
    });
    printTable(
      'Pattern analysis',
      ['what', 'seconds (least–most)', 'thread held at most', 'peak RSS'],
      table,
    );
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

const LABELS = {
  read: 'reading alone',
  analyse: 'reading, analysing, writing the report',
  'analyse-ungrouped': 'the same without stored fingerprints',
} as const;
type What = keyof typeof LABELS;

interface Figures {
  readonly ms: number;
  readonly blockedMs: number;
  readonly rssMb: number;
}

/** In a process of its own, so that what made the rows does not count. */
function measured(what: What, file: string, directory: string): Figures {
  return JSON.parse(
    execFileSync(process.execPath, [SELF, what, file, directory], { encoding: 'utf8' }),
  ) as Figures;
}

async function measure(what: What, file: string, directory: string): Promise<Figures> {
  const keeper = new MirrorKeeper(file, { readonly: true });
  const mirror = keeper.get();
  const blocked = monitorEventLoopDelay({ resolution: 1 });
  blocked.enable();
  const start = performance.now();
  if (what === 'read') await withFailureRows(mirror, TO_MS - 14 * DAY_MS, TO_MS, () => undefined);
  else {
    await writeAnalysis(
      async (sinceMs, untilMs, onBatch) => {
        await withFailureRows(mirror, sinceMs, untilMs, (rows) =>
          onBatch(
            what === 'analyse' ? rows : rows.map((row) => ({ ...row, fingerprint: '', host: undefined })),
          ),
        );
      },
      { toMs: TO_MS, directory: join(directory, what) },
    );
  }
  const ms = performance.now() - start;
  blocked.disable();
  keeper.close();
  return { ms, blockedMs: blocked.max / 1e6, rssMb: process.resourceUsage().maxRSS / 1024 };
}

const HOSTS = ['api.sf-express.com', 'www.yundaex.com', '10.0.3.17', 'files.example.cn', 'login.example.com'];
const TYPES = ['tracking_update', 'receipt_generation', 'screenshot_capture', 'video_download', 'login'];

/** Messages as tasks fail with: the words stay, the values differ. */
const SHAPES: readonly ((n: number) => string)[] = [
  (n) => `connect ECONNREFUSED ${host(n)}:${3000 + (n % 9)}`,
  (n) => `Connection timeout: https://${host(n)}/track/${n} did not answer in ${n % 60} s`,
  (n) => `getaddrinfo EAI_AGAIN ${host(n)}`,
  (n) => `HTTP 503 Service Unavailable from https://${host(n)}/v2/orders/${n}`,
  (n) => `429 Too Many Requests: retry after ${n % 300} seconds (request ${hex(n)})`,
  (n) => `database connection failed: too many clients already (pid ${n % 65536})`,
  (n) => `ENOSPC: no space left on device, write '/data/videos/lesson-${n}.mp4'`,
  (n) => `permission denied: /srv/receipts/${n % 1000}/receipt-${n}.pdf`,
  (n) => `Cannot allocate memory (errno 12) in worker ${n % 16}`,
  (n) => `[DATA] Validation failed: 快递单号${n}格式不正确，应为10-20位数字或字母`,
  (n) => `malformed json at line ${n % 90} column ${n % 200}: unexpected token '}'`,
  (n) => `null value in column "courier_id" of relation "orders_${n % 12}" violates not-null constraint`,
  (n) => `api key invalid: key ${hex(n)} has expired on 2026-01-${10 + (n % 20)}`,
  (n) => `courier not supported: "courier-${n % 40}"`,
  (n) => `404 resource not found: order ${n} of user ${hex(n * 7)}`,
  (n) => `任务 ${n} 失败：第三方接口返回未知状态 ${n % 700}`,
];

function host(n: number): string {
  return HOSTS[n % HOSTS.length] as string;
}

function hex(n: number): string {
  return ((n * 2654435761) >>> 0).toString(16).padStart(8, '0');
}

/** Straight into the table: by way of the projector it would take minutes. */
function generate(file: string, rows: number): void {
  openMirror(file).close();
  const db = new Database(file);
  db.pragma('synchronous = OFF');
  const insert = db.prepare(
    `INSERT INTO failures (run_id, task_id, task_type, category, rule, confidence, fingerprint, message, error_type, host,
       run_status, failed_at) VALUES (?, ?, ?, ?, ?, 1, ?, ?, 'Error', ?, 'FAILED', ?)`,
  );
  const understood = SHAPES.map((shape) => classifyMessage(shape(1)));
  db.transaction(() => {
    for (let n = 0; n < rows; n++) {
      // Some kinds are far more frequent than others.
      const shape = Math.floor(SHAPES.length * ((n * 0.618034) % 1) ** 2);
      const message = (SHAPES[shape] as (n: number) => string)(n);
      const { category, rule } = understood[shape] as (typeof understood)[number];
      const grouped = fingerprintOf(message);
      const at = new Date(TO_MS - 7 * DAY_MS + Math.floor((n * 7 * DAY_MS) / rows)).toISOString();
      insert.run(
        `run-${n}`,
        `task-${n}`,
        TYPES[n % TYPES.length],
        category,
        rule,
        grouped.fingerprint,
        message,
        grouped.host ?? null,
        at.replace('T', ' ').slice(0, 23),
      );
    }
  })();
  db.close();
}

const [what, file, directory] = process.argv.slice(2);
if (import.meta.main && file && directory) {
  console.log(JSON.stringify(await measure(what as What, file, directory)));
} else if (import.meta.main) await run(process.argv.slice(2));
