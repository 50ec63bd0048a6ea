/** The documents that the list can be: text, records, fields. Only the modules of the format that is asked for are loaded. */
import type { Dissection } from '../dissect/dissector.js';
import type { Inspection } from '../index.js';
import type { RecordOptions } from '../output/record.js';
import { TimeColumn } from '../output/time.js';
import type { UnansweredOutcome } from '../rpc/outcome.js';
import { makeStyles, wantsColor } from '../terminal/style.js';
import type { ByteWriter } from '../xdr/byte-writer.js';
import type { CaptureRun } from './capture-run.js';
import { formatOf, type ListOptions } from './list-options.js';

export interface DocumentWriter {
  begin(): void;
  /** Takes the message last dissected; true when it wrote something. */
  write(dissection: Dissection): boolean;
  /** The same for an exchange that has no reply. */
  writeUnanswered?(exchange: number, outcome: UnansweredOutcome): boolean;
  end(): void;
}

/** What writes a record of a message or of an exchange, without what stands between records. */
type RecordSource = Pick<DocumentWriter, 'write' | 'writeUnanswered'>;

/** The document that the options ask for. @throws UsageError where a field or its layout is wrong. */
export async function newDocument(run: CaptureRun, options: ListOptions): Promise<DocumentWriter> {
  const { inspection, output, filterOptions } = run;
  const { buffer } = output;
  const none = () => {};
  if (options.quiet || options.summary) return { begin: none, write: () => true, end: none };
  const files = inspection.files.length > 1 ? inspection.files : null;
  const format = formatOf(options);
  if (format === 'fields') {
    const { newFieldsDocument } = await import('./fields-document.js');
    return newFieldsDocument(inspection, buffer, options, filterOptions);
  }
  if (format === 'text') return newText(run, options, files);
  const records = await newRecords(inspection, buffer, options.calls === true, {
    files,
    hasInterfaces: (file) => inspection.hasInterfaces(file),
    int64Strings: options.int64 === 'string',
    payload: options.payload === true,
    codegen: options.codegen,
  });
  const source = options.only === undefined ? records : await onlySome(records, buffer, options.only);
  return format === 'ndjson' ? newLines(source, buffer) : newArray(source, buffer);
}

async function newRecords(
  { dissector, exchanges }: Inspection,
  buffer: ByteWriter,
  isCalls: boolean,
  options: RecordOptions,
): Promise<RecordSource> {
  if (isCalls) {
    const { ExchangeRecordWriter } = await import('../output/exchange-record.js');
    return new ExchangeRecordWriter(buffer, dissector, exchanges, options);
  }
  const { RecordWriter } = await import('../output/record.js');
  const records = new RecordWriter(buffer, dissector, options);
  return {
    write: (dissection) => {
      records.write(dissection);
      return true;
    },
  };
}

/** The records with the keys of `--only` alone. */
async function onlySome(records: RecordSource, buffer: ByteWriter, only: string): Promise<RecordSource> {
  const { keepKeys } = await import('../output/only.js');
  const keys = (await import('./field-options.js')).onlyKeys(only);
  return {
    write: (dissection) => {
      const start = buffer.length;
      const isWritten = records.write(dissection);
      if (isWritten) keepKeys(buffer, start, keys);
      return isWritten;
    },
  };
}

/** Lines or trees, each followed by its bytes where they are wanted. */
async function newText(run: CaptureRun, options: ListOptions, files: string[] | null): Promise<DocumentWriter> {
  const { inspection, output } = run;
  const { buffer } = output;
  const { dissector } = inspection;
  const styles = makeStyles(wantsColor(options.color, output.isTerminal, process.env));
  const time = new TimeColumn(options.time, () => inspection.first);
  const listOptions = { styles, time, files, columns: output.columns };
  const none = () => {};
  if (options.calls) {
    const { ExchangeListWriter } = await import('../output/exchange-list.js');
    const exchanges = new ExchangeListWriter(buffer, dissector, inspection.exchanges, listOptions);
    return {
      begin: none,
      write: (dissection) => exchanges.write(dissection),
      writeUnanswered: (exchange, outcome) => exchanges.writeUnanswered(exchange, outcome),
      end: none,
    };
  }
  const text = options.tree
    ? new (await import('../output/tree.js')).TreeWriter(buffer, dissector, styles, files)
    : new (await import('../output/list.js')).ListWriter(buffer, dissector, listOptions);
  const hex = options.hex ? new (await import('../output/hex.js')).HexWriter(buffer, dissector, styles) : null;
  const write = (dissection: Dissection) => {
    text.write(dissection);
    hex?.write(dissection);
    return true;
  };
  return { begin: none, write, end: none };
}

function newLines(records: RecordSource, buffer: ByteWriter): DocumentWriter {
  const end = (isWritten: boolean) => {
    if (isWritten) buffer.byte(0x0a);
    return isWritten;
  };
  return {
    begin: () => {},
    write: (dissection) => end(records.write(dissection)),
    writeUnanswered: (exchange, outcome) => end(records.writeUnanswered?.(exchange, outcome) ?? false),
    end: () => {},
  };
}

/** `-T json`: the records as one array. */
function newArray(records: RecordSource, buffer: ByteWriter): DocumentWriter {
  let separator = '\n';
  const separated = (write: () => boolean) => {
    const start = buffer.length;
    buffer.ascii(separator);
    const isWritten = write();
    if (isWritten) separator = ',\n';
    else buffer.length = start;
    return isWritten;
  };
  return {
    begin: () => buffer.ascii('['),
    write: (dissection) => separated(() => records.write(dissection)),
    writeUnanswered: (exchange, outcome) => separated(() => records.writeUnanswered?.(exchange, outcome) ?? false),
    end: () => buffer.ascii('\n]\n'),
  };
}
