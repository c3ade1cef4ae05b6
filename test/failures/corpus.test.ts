import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { classifyMessage } from '../../src/failures/index.ts';

interface Row {
  readonly message: string;
  readonly label: string;
}

function wrongIn(file: string): { share: number; wrong: string[] } {
  const rows = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row);
  const wrong = rows
    .map(({ message, label }) => ({ message, label, ...classifyMessage(message) }))
    .filter(({ label, category }) => label !== category)
    .map(
      ({ message, label, category, rule }) =>
        `${label} became ${category} by ${rule}: ${message.slice(0, 100)}`,
    );
  return { share: 1 - wrong.length / rows.length, wrong };
}

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

describe('labelled messages', () => {
  it.each([
    ['of many programs, written before the rules were tuned', 'held-out.jsonl', 0.97],
    ['in free wording, written before the rules were tuned', 'held-out-2.jsonl', 0.95],
    ['of couriers, shops and videos, written before the rules were tuned', 'held-out-3.jsonl', 0.95],
    ['of databases, tools and platforms, written before the rules were tuned', 'held-out-4.jsonl', 0.95],
    ['of few words, written before the rules were tuned', 'held-out-5.jsonl', 0.95],
    ['of couriers, payment and chat platforms, written before the rules were tuned', 'held-out-6.jsonl', 0.9],
    ['of well-known software, written before the rules were tuned', 'held-out-7.jsonl', 0.95],
    ['in free wording, terse and Chinese, written before the rules were tuned', 'held-out-8.jsonl', 0.95],
    ['of shops, platforms and printers, written before the rules were tuned', 'held-out-9.jsonl', 0.95],
    ['of programs and of people, written before the rules were tuned', 'held-out-10.jsonl', 0.95],
    ['of programs and couriers, written before the rules were tuned', 'held-out-11.jsonl', 0.9],
    ['of validators and everyday failures, written before the rules were tuned', 'held-out-12.jsonl', 0.95],
    ['of programs and platforms, written before words were weighed', 'held-out-13.jsonl', 0.97],
    ['of programs and tracking services, written before words were weighed', 'held-out-14.jsonl', 0.97],
    ['of programs, shops and platforms, written before they were learnt from', 'held-out-15.jsonl', 0.97],
    ['of programs, sites and platforms, written before they were learnt from', 'held-out-16.jsonl', 0.97],
    ['of rare programs and platforms, written before they were learnt from', 'held-out-17.jsonl', 0.97],
    ['that real programs printed, before they were learnt from', 'held-out-18.jsonl', 0.97],
    ['that real programs printed and of platforms, before they were learnt from', 'held-out-19.jsonl', 0.97],
    ['of programs, platforms and people, written before they were learnt from', 'held-out-20.jsonl', 0.97],
    ['in the mix of everyday tasks, written before they were learnt from', 'held-out-21.jsonl', 0.97],
    ['in the same mix once more, written before they were learnt from', 'held-out-22.jsonl', 0.97],
    ['of platforms and of people, for the table of word weights only', 'learnt.jsonl', 0.97],
  ])('%s are classified as people did', (_, file, least) => {
    const { share, wrong } = wrongIn(here(file));
    expect(share, wrong.join('\n')).toBeGreaterThan(least);
  });
});
