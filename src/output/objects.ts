/** Exported files: one line each as text, and one record each (schemas/objects.schema.json). */
import type { Conflict, FileObject } from '../analysis/file-object.js';
import { sanitize } from '../terminal/sanitize.js';
import { escapeUnsafe, jsonString } from '../xdr/byte-writer.js';
import { plural } from '../xdr/plural.js';
import { bytesText } from './units.js';

/** Records, one a line; `files` are the names of the captures where there are several. */
export function objectsRecords(objects: readonly FileObject[], files: readonly string[] | null): string {
  return objects.map((object) => `${record(object, files)}\n`).join('');
}

/** `1.50 MiB of 2.00 MiB, 3 holes  export/a.txt`, and what is wrong with each. */
export function objectsText(objects: readonly FileObject[]): string {
  const texts = objects.map((object) => [sanitize(object.place ?? ''), amountText(object)]);
  const width = Math.max(0, ...texts.map(([, amount]) => amount.length));
  return texts.map(([place, amount], i) => `${amount.padEnd(width)}  ${place}${remarks(objects[i])}\n`).join('');
}

function record(object: FileObject, files: readonly string[] | null): string {
  const { place, path, names, key, size, length, present, holes, reads, writes, failedWrites } = object;
  const { firstFrame, lastFrame, conflicts, conflictCount, dropped } = object;
  const fields: [string, unknown][] = [
    ['object', place],
    ['path', path === null ? undefined : text(path)],
    ['names', names.length === 0 ? undefined : names.map(text)],
    ['server', key.server.address],
    ['handle', Buffer.from(key.handle).toString('hex')],
    ['size', size],
    ['length', length],
    ['present', present],
    ['holes', holes],
    ['reads', reads],
    ['writes', writes],
    ['failed_writes', failedWrites || undefined],
    ['file', files?.[object.firstFile]],
    ['first_frame', firstFrame],
    ['last_frame', lastFrame],
    ['last_file', files?.[object.lastFile]],
    ['conflicts', conflictCount === 0 ? undefined : conflicts.map((each) => conflictRecord(each, files))],
    ['conflict_count', conflictCount || undefined],
    ['dropped', dropped || undefined],
  ];
  return `{${fields.flatMap(([name, value]) => (value === undefined ? [] : `"${name}":${json(value)}`)).join(',')}}`;
}

function conflictRecord({ kind, offset, length, frame, file }: Conflict, files: readonly string[] | null): object {
  return { kind, offset, length, frame, file: files?.[file] };
}

/** Strings are escaped as in other records. */
function json(value: unknown): string {
  if (typeof value === 'string') return jsonString(value);
  return Array.isArray(value) ? `[${value.map(json).join(',')}]` : escapeUnsafe(JSON.stringify(value));
}

function text(path: string): string {
  return Buffer.from(path, 'latin1').toString('utf8');
}

function amountText({ length, present, holes }: FileObject): string {
  if (holes.length === 0) return bytesText(length);
  return `${bytesText(present)} of ${bytesText(length)}, ${plural(holes.length, 'hole')}`;
}

function remarks({ failedWrites, conflictCount, dropped }: FileObject): string {
  const parts = [
    failedWrites > 0 && `${failedWrites} of its WRITEs failed`,
    conflictCount > 0 && `other bytes came again ${conflictCount === 1 ? 'once' : `${conflictCount} times`}`,
    dropped > 0 && `${bytesText(dropped)} left out`,
  ].filter((part) => part !== false);
  return parts.length === 0 ? '' : `  (${parts.join('; ')})`;
}
