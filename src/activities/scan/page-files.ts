import { appendFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProcessedFailure } from '../../report/index.ts';

/** What became of one failed run, as a page keeps it. */
export interface Outcome {
  readonly runId: string;
  readonly processed: ProcessedFailure;
  /** Number of the recovery that was scheduled. */
  readonly attempt: number | null;
}

/**
 * What the pages of a scan did, in files of its own until its report is written: a scan may have any number of pages,
 * and what they did is too much for Temporal. A page that is done again replaces its file.
 *
 * A page may be done again after its worker was killed, and then finds the tasks it has recovered started anew, by
 * whomever. So each recovery is noted as soon as it is there.
 */
export class PageFiles {
  readonly #directory: string;

  /** @param reportsDirectory where the reports are. */
  constructor(reportsDirectory: string, scanId: string) {
    this.#directory = join(reportsDirectory, `.scan-${scanId.replaceAll(/[^\w-]/g, '_')}`);
  }

  /** Makes the place for them. */
  async open(): Promise<void> {
    await mkdir(this.#directory, { recursive: true });
  }

  /** Notes what a page that is not through yet has done and cannot find out again. */
  async note(page: number, outcome: Outcome): Promise<void> {
    await appendFile(this.#path(page, 'begun'), lineOf(outcome));
  }

  /** What an earlier attempt at this page did, by run ID. */
  async before(page: number): Promise<ReadonlyMap<string, Outcome>> {
    const outcomes = [
      ...(await this.#outcomes(this.#path(page, 'begun'))),
      ...(await this.#outcomes(this.#path(page, 'jsonl'))),
    ];
    return new Map(outcomes.map((outcome) => [outcome.runId, outcome]));
  }

  /** Keeps what a page did. */
  async write(page: number, outcomes: readonly Outcome[]): Promise<void> {
    const temporary = this.#path(page, 'tmp');
    await writeFile(temporary, outcomes.map(lineOf).join(''));
    await rename(temporary, this.#path(page, 'jsonl'));
  }

  /** What all pages did, one after the other; a page without a file did nothing, or could not write it. */
  async *read(pages: number): AsyncGenerator<ProcessedFailure> {
    for (let page = 0; page < pages; page++) {
      for (const { processed } of await this.#outcomes(this.#path(page, 'jsonl'))) yield processed;
    }
  }

  /** Forgets all of it. */
  async remove(): Promise<void> {
    await rm(this.#directory, { recursive: true, force: true });
  }

  /** A killed worker may have left half of a last line. */
  async #outcomes(path: string): Promise<Outcome[]> {
    const text = await readFile(path, 'utf8').catch(() => '');
    return text
      .split('\n')
      .slice(0, -1)
      .flatMap((line) => parsed(line) ?? []);
  }

  #path(page: number, extension: string): string {
    return join(this.#directory, `${page}.${extension}`);
  }
}

function lineOf(outcome: Outcome): string {
  return `${JSON.stringify(outcome)}\n`;
}

function parsed(line: string): Outcome | undefined {
  try {
    return JSON.parse(line) as Outcome;
  } catch {
    return undefined;
  }
}
