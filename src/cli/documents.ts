/** The documents of the list: text, records, fields. Only the modules of the requested format are loaded. */
import type { Dissection } from '../dissect/dissection.js';
import type { Exchange } from '../dissect/exchange.js';
import type { FieldSource } from '../dissect/field-source.js';
import type { FilterOptions } from '../filter/filter.js';
import type { Inspection } from '../index.js';
import type { ListWriter, ListOptions as TextOptions } from '../output/list.js';
import type { RecordOptions } from '../output/record.js';
import { TimeColumn } from '../output/time.js';
import { makeStyles, wantsColor } from '../terminal/style.js';
import type { ByteWriter } from '../xdr/byte-writer.js';
import type { ListOptions } from './list-options.js';
import type { StandardOutput } from './standard-output.js';

/** What documents need of the captures and the output. */
export interface DocumentRun {
  inspection: Pick<Inspection, 'dissector' | 'files' | 'first' | 'hasInterfaces'>;
  output: Pick<StandardOutput, 'buffer' | 'isTerminal' | 'columns'>;
  filterOptions: FilterOptions;
}

/** Writes messages or exchanges: the message that was dissected last, or a finished exchange. */
export interface DocumentWriter<Item> {
  begin(): void;
  write(item: Item): void;
  /** A message or exchange that the filter does not select. Absent where the document does not depend on them. */
  pass?(item: Item): void;
  end(): void;
  /**
   * Takes the text of one message that another writer of the same document made (for
   * `json`, a writer of `ndjson`). Absent where messages must be written in place.
   */
  take?(text: DataView, start: number, end: number): void;
  /** The column widths, which depend on all messages before. */
  readonly columns?: Pick<ListWriter, 'copyWidths' | 'takeWidths'>;
}

/** Writes a record, without separators. */
type WriteRecord<Item> = (item: Item) => void;

const none = () => {};
const NOTHING = { begin: none, write: none, end: none };

/** How one format writes messages and exchanges. */
interface DocumentFormat {
  messages: NewDocument<Dissection>;
  exchanges: NewDocument<Exchange>;
  /** Each item is a JSON object: `--only`, `--payload` and `--int64` apply, and `--summary` is one too. */
  isRecords?: true;
}

type NewDocument<Item> = (run: DocumentRun, options: ListOptions) => Promise<DocumentWriter<Item>>;

/** The formats of `-T`. To add one: its writers in src/output, the two functions that make them, and its line here. */
const DOCUMENTS = {
  text: { messages: newText, exchanges: newExchangeText },
  json: recordFormat(newArray),
  ndjson: recordFormat(newLines),
  fields: { messages: newMessageFields, exchanges: newExchangeFields },
} satisfies Record<string, DocumentFormat>;

export type Format = keyof typeof DOCUMENTS;
export const FORMATS = Object.keys(DOCUMENTS) as Format[];

export function formatOf(options: ListOptions): Format {
  if (options.csv) return 'fields';
  return options.json ? 'ndjson' : options.format;
}

/** True where records are written, that is JSON objects. */
export function isRecords(options: ListOptions): boolean {
  const document: DocumentFormat = DOCUMENTS[formatOf(options)];
  return document.isRecords === true;
}

/** The document of messages that the options ask for. @throws UsageError for a wrong field or layout. */
export async function newDocument(run: DocumentRun, options: ListOptions): Promise<DocumentWriter<Dissection>> {
  return isEmpty(options) ? NOTHING : DOCUMENTS[formatOf(options)].messages(run, options);
}

/** The same for exchanges. @throws UsageError for a wrong field or layout. */
export async function newExchangeDocument(run: DocumentRun, options: ListOptions): Promise<DocumentWriter<Exchange>> {
  return isEmpty(options) ? NOTHING : DOCUMENTS[formatOf(options)].exchanges(run, options);
}

function isEmpty({ quiet, summary }: ListOptions): boolean {
  return quiet === true || summary === true;
}

// Fields

async function newMessageFields(run: DocumentRun, options: ListOptions): Promise<DocumentWriter<Dissection>> {
  const { MessageSource } = await import('../filter/filter.js');
  const source = new MessageSource(run.inspection.dissector);
  return newFields(run, options, (dissection) => source.of(dissection));
}

async function newExchangeFields(run: DocumentRun, options: ListOptions): Promise<DocumentWriter<Exchange>> {
  return newFields(run, options, (exchange) => exchange);
}

async function newFields<Item>(
  { output, filterOptions }: DocumentRun,
  options: ListOptions,
  sourceOf: (item: Item) => FieldSource,
): Promise<DocumentWriter<Item>> {
  const { FieldsWriter } = await import('../output/fields.js');
  const { fieldsLayout, selectedFields } = await import('./field-options.js');
  const writer = new FieldsWriter(output.buffer, selectedFields(options, filterOptions), fieldsLayout(options));
  return { begin: () => writer.begin(), write: (item) => writer.write(sourceOf(item)), end: none };
}

// Records

function recordFormat(layOut: typeof newLines): DocumentFormat {
  return {
    messages: async (run, options) => {
      const { RecordWriter } = await import('../output/record.js');
      const records = new RecordWriter(run.output.buffer, run.inspection.dissector, recordOptions(run, options));
      return newRecords(run, options, (dissection) => records.write(dissection), layOut);
    },
    exchanges: async (run, options) => {
      const { ExchangeRecordWriter } = await import('../output/exchange-record.js');
      const records = new ExchangeRecordWriter(
        run.output.buffer,
        run.inspection.dissector,
        recordOptions(run, options),
      );
      return newRecords(run, options, (exchange) => records.write(exchange), layOut);
    },
    isRecords: true,
  };
}

function recordOptions({ inspection }: DocumentRun, options: ListOptions): RecordOptions {
  return {
    files: severalFiles(inspection),
    hasInterfaces: (file) => inspection.hasInterfaces(file),
    int64Strings: options.int64 === 'string',
    payload: options.payload === true,
    codegen: options.codegen,
  };
}

async function newRecords<Item>(
  { output }: DocumentRun,
  options: ListOptions,
  write: WriteRecord<Item>,
  layOut: typeof newLines,
): Promise<DocumentWriter<Item>> {
  const { buffer } = output;
  const writeRecord =
    options.only === undefined ? write : await onlySome(write, buffer, options.only, options.calls === true);
  return layOut(writeRecord, buffer);
}

/** Records with the keys of `--only` alone. */
async function onlySome<Item>(
  write: WriteRecord<Item>,
  buffer: ByteWriter,
  only: string,
  calls: boolean,
): Promise<WriteRecord<Item>> {
  const { keepKeys } = await import('../output/only.js');
  const keys = (await import('./field-options.js')).onlyKeys(only, calls);
  return (item) => {
    const start = buffer.length;
    write(item);
    keepKeys(buffer, start, keys);
  };
}

function newLines<Item>(write: WriteRecord<Item>, buffer: ByteWriter): DocumentWriter<Item> {
  const writeLine = (item: Item) => {
    write(item);
    buffer.byte(0x0a);
  };
  const take = (text: DataView, start: number, end: number) => buffer.copyShared(text, start, end);
  return { begin: none, write: writeLine, end: none, take };
}

/** `-T json`: the records as one array. */
function newArray<Item>(write: WriteRecord<Item>, buffer: ByteWriter): DocumentWriter<Item> {
  let separator = '\n';
  const separate = () => {
    buffer.ascii(separator);
    separator = ',\n';
  };
  return {
    begin: () => buffer.ascii('['),
    write: (item) => {
      separate();
      write(item);
    },
    end: () => buffer.ascii('\n]\n'),
    take: (text, start, end) => {
      separate();
      buffer.copyShared(text, start, end - 1);
    },
  };
}

// Text

function textOptions({ inspection, output }: DocumentRun, options: ListOptions): TextOptions {
  const styles = makeStyles(wantsColor(options.color, output.isTerminal, process.env));
  const time = new TimeColumn(options.time, () => inspection.first);
  return { styles, time, files: severalFiles(inspection), columns: output.columns };
}

async function newExchangeText(run: DocumentRun, options: ListOptions): Promise<DocumentWriter<Exchange>> {
  const { ExchangeListWriter } = await import('../output/exchange-list.js');
  const textual = textOptions(run, options);
  const list = new ExchangeListWriter(run.output.buffer, run.inspection.dissector, textual);
  const pass = (exchange: Exchange) => passTime(textual.time, exchange.either.message);
  return { begin: none, write: (exchange) => list.write(exchange), pass, end: none };
}

function passTime(time: TimeColumn, { seconds, nanoseconds }: Dissection['message']): void {
  time.pass(seconds, nanoseconds);
}

/** Lines or trees, each followed by its bytes with `-x`. */
async function newText(run: DocumentRun, options: ListOptions): Promise<DocumentWriter<Dissection>> {
  const { buffer } = run.output;
  const { dissector } = run.inspection;
  const textual = textOptions(run, options);
  const list = options.tree ? null : new (await import('../output/list.js')).ListWriter(buffer, dissector, textual);
  const text =
    list ?? new (await import('../output/tree.js')).TreeWriter(buffer, dissector, textual.styles, textual.files);
  const hex = options.hex ? new (await import('../output/hex.js')).HexWriter(buffer, dissector, textual.styles) : null;
  const write = (dissection: Dissection) => {
    text.write(dissection);
    hex?.write(dissection);
  };
  const document = {
    begin: none,
    write,
    pass: ({ message }: Dissection) => passTime(textual.time, message),
    end: none,
  };
  // Time differences between messages can only be written in order.
  if (list !== null && options.time.startsWith('d')) return document;
  const take = (from: DataView, start: number, end: number) => buffer.copyShared(from, start, end);
  return list === null ? { ...document, take } : { ...document, take, columns: list };
}

function severalFiles({ files }: DocumentRun['inspection']): readonly string[] | null {
  return files.length > 1 ? files : null;
}
