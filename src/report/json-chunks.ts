import { isPlainObject } from '../domain/json.ts';

/** A list in a report whose entries are read while it is written, so that it may have any number of them. */
export class StreamedList {
  readonly entries: () => AsyncIterable<unknown>;

  /** @param entries gives the same ones each time it is called. */
  constructor(entries: () => AsyncIterable<unknown>) {
    this.entries = entries;
  }
}

/** The text of `JSON.stringify(value, null, 2)` piece by piece; a {@link StreamedList} in it is written as an array. */
export async function* jsonChunks(value: unknown, indent = ''): AsyncGenerator<string> {
  if (value instanceof StreamedList) yield* listChunks(value, indent);
  else if (isPlainObject(value)) yield* objectChunks(value, indent);
  else yield indented(value, indent);
}

async function* objectChunks(object: Record<string, unknown>, indent: string): AsyncGenerator<string> {
  const inner = `${indent}  `;
  let opening = '{';
  for (const [key, value] of Object.entries(object)) {
    if (value === undefined) continue;
    yield `${opening}\n${inner}${JSON.stringify(key)}: `;
    yield* jsonChunks(value, inner);
    opening = ',';
  }
  yield opening === '{' ? '{}' : `\n${indent}}`;
}

async function* listChunks({ entries }: StreamedList, indent: string): AsyncGenerator<string> {
  const inner = `${indent}  `;
  let opening = '[';
  for await (const entry of entries()) {
    yield `${opening}\n${inner}${indented(entry, inner)}`;
    opening = ',';
  }
  yield opening === '[' ? '[]' : `\n${indent}]`;
}

/** Strings have no line ends of their own in JSON, so every one is the layout's. */
function indented(value: unknown, indent: string): string {
  return JSON.stringify(value, null, 2).replaceAll('\n', `\n${indent}`);
}
