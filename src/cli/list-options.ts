/** The options of the list, and which of them exclude each other. */
import type { TimeFormat } from '../output/time.js';
import type { ExportOptions } from './commands/export-objects.js';
import type { WriteOptions } from './commands/write.js';
import { type Format, formatOf, isRecords } from './documents.js';
import { UsageError } from './exit.js';
import type { FieldOptions } from './field-options.js';

export interface ListOptions extends WriteOptions, ExportOptions, FieldOptions {
  format: Format;
  json?: true;
  tree?: true;
  hex?: true;
  time: TimeFormat;
  count?: number;
  quiet?: true;
  summary?: true;
  int64?: string;
  payload?: true;
  codegen: boolean;
  names: boolean;
  jobs?: number;
}

/** Refuses options that would otherwise be ignored silently. @throws UsageError */
export function checkOptions(options: ListOptions): void {
  const { field, layout, calls } = options;
  checkFormat(options);
  if (calls && (options.tree || options.hex)) throw new UsageError('--calls cannot be combined with -V or -x');
  checkInstead(options);
  if (options.exportObjects !== undefined && (calls || options.write !== undefined))
    throw new UsageError(`--export-objects cannot be combined with ${calls ? '--calls' : '-w'}`);
  if (options.exportObjects !== undefined && !options.names)
    throw new UsageError('--export-objects cannot be combined with --no-names: files are written by their names');
  if ((options.anonymize ?? options.anonymizeKey) !== undefined && options.write === undefined)
    throw new UsageError('--anonymize needs -w: it changes what is written, not what is listed');
  if ((field ?? layout) && formatOf(options) !== 'fields') throw new UsageError('-e and -E go with -T fields or --csv');
  if (options.summary) checkSummary(options);
}

/** `-w` and `--export-objects` write something else than messages, so that no format of messages goes with them. */
function checkInstead(options: ListOptions): void {
  const { write, exportObjects, tree, hex } = options;
  const instead = write === undefined ? '--export-objects' : '-w';
  if ((write ?? exportObjects) === undefined) return;
  const format = formatOf(options);
  // The list of exported files has records, too.
  if (!tree && !hex && (format === 'text' || (write === undefined && format === 'ndjson'))) return;
  const other = tree || hex ? '-V or -x' : formatOption(options);
  throw new UsageError(`${instead} cannot be combined with ${other}: it writes no messages`);
}

/** Checks that there is one format, and that its options are of that format. */
function checkFormat(options: ListOptions): void {
  const { format, json, csv, only, payload, int64 } = options;
  const asked = new Map<Format, string>();
  if (format !== 'text') asked.set(format, `-T ${format}`);
  if (json) asked.set('ndjson', '--json');
  if (csv) asked.set('fields', '--csv');
  if (asked.size > 1) throw new UsageError(`${[...asked.values()].join(' and ')} exclude each other`);
  if (asked.size > 0 && (options.tree || options.hex)) throw new UsageError('-V and -x go with -T text');
  const ofRecords = Object.entries({ only, payload, int64: int64 === 'string' || undefined });
  const given = ofRecords.find(([, value]) => value !== undefined);
  if (given !== undefined && !isRecords(options)) throw new UsageError(`--${given[0]} goes with --json or -T json`);
}

function checkSummary(options: ListOptions): void {
  if (options.write !== undefined) throw new UsageError('--summary cannot be combined with -w');
  if (options.exportObjects !== undefined) throw new UsageError('--summary cannot be combined with --export-objects');
  if (options.count !== undefined) throw new UsageError('--summary cannot be combined with -c');
  if (formatOf(options) !== 'text' && !isRecords(options))
    throw new UsageError(`--summary cannot be combined with ${formatOption(options)}`);
}

/** The option that asks for the format. */
function formatOption({ format, json, csv }: ListOptions): string {
  if (csv) return '--csv';
  return json ? '--json' : `-T ${format}`;
}
