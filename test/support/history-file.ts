/**
 * Histories as files. The SDK's own conversion (`historyToJSON`) fails where npm installs two copies of protobufjs side by
 * side, as it does here: it asks for `instanceof` a class of the other copy.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import proto, { type temporal } from '@temporalio/proto';

export type History = temporal.api.history.v1.IHistory;

const message = proto.temporal.api.history.v1.History;

/** Stack traces name the files of the machine that recorded; replaying does not look at them. */
const CHECKOUT = process.cwd();

export function writeHistory(file: string, history: History): void {
  const plain = message.toObject(message.fromObject(history), {
    enums: String,
    longs: String,
    bytes: String,
  });
  writeFileSync(file, `${JSON.stringify(plain, null, 1).replaceAll(CHECKOUT, '')}\n`);
}

export function readHistory(file: string): History {
  return message.fromObject(JSON.parse(readFileSync(file, 'utf8')));
}
