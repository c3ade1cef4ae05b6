import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProcessedFailure } from '../../report/index.ts';

/**
 * What the pages of a scan did, in files of its own until its report is written: a scan may have any number of pages,
 * and what they did is too much for Temporal. A page that is done again replaces its file.
 */
export class PageFiles {
  readonly #directory: string;

  /** @param reportsDirectory where the reports are. */
  constructor(reportsDirectory: string, scanId: string) {
    this.#directory = join(reportsDirectory, `.scan-${scanId.replaceAll(/[^\w-]/g, '_')}`);
  }

  async write(page: number, processed: readonly ProcessedFailure[]): Promise<void> {
    await mkdir(this.#directory, { recursive: true });
    const temporary = `${this.#path(page)}.tmp`;
    await writeFile(temporary, processed.map((one) => `${JSON.stringify(one)}\n`).join(''));
    await rename(temporary, this.#path(page));
  }

  /** What all pages did, one after the other; a page without a file did nothing, or could not write it. */
  async *read(pages: number): AsyncGenerator<ProcessedFailure> {
    for (let page = 0; page < pages; page++) {
      const text = await readFile(this.#path(page), 'utf8').catch(() => '');
      for (const line of text.split('\n')) if (line !== '') yield JSON.parse(line) as ProcessedFailure;
    }
  }

  async remove(): Promise<void> {
    await rm(this.#directory, { recursive: true, force: true });
  }

  #path(page: number): string {
    return join(this.#directory, `${page}.jsonl`);
  }
}
