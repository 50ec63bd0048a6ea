/**
 * `-T fields` and `--csv`: chosen fields, one line a message. Control characters are escaped as in the list,
 * so that each message takes one line. Quotes within quotes are doubled (RFC 4180 §2); lines end with LF.
 * Values are exact: none is prefixed, although a spreadsheet may take a leading `=` or `+` for a formula.
 */
import type { FieldSource } from '../dissect/field-source.js';
import type { SelectedFields, TimeTexts } from '../filter/selected-fields.js';
import { ByteWriter, escapeUnsafe } from '../xdr/byte-writer.js';
import { utcText, writeEpoch, writeSeconds } from './time.js';

export interface FieldsLayout {
  header: boolean;
  separator: string;
  /** '': no quotes. `csv`: double quotes where a value needs them. */
  quote: '' | '"' | "'" | 'csv';
  /** Which of several values is written: the first, the last, or all. */
  occurrence: 'f' | 'l' | 'a';
  /** Stands between several values of one field. */
  aggregator: string;
}

/** tshark's defaults. */
export const FIELDS_LAYOUT: FieldsLayout = {
  header: false,
  separator: '\t',
  quote: '',
  occurrence: 'a',
  aggregator: ',',
};

export const CSV_LAYOUT: FieldsLayout = { ...FIELDS_LAYOUT, header: true, separator: ',', quote: 'csv' };

/** The default columns of `--csv`. */
export const CSV_FIELDS =
  'message frame time src src_port dst dst_port xid type program version procedure elapsed status error summary'.split(
    ' ',
  );

/** The same with `--calls`. */
export const CSV_EXCHANGE_FIELDS =
  'frame time client client_port server server_port xid program version procedure outcome elapsed retransmissions status error summary'.split(
    ' ',
  );

const scratch = new ByteWriter(64);

function textBy(write: (out: ByteWriter) => void): string {
  scratch.length = 0;
  write(scratch);
  return scratch.toString();
}

export const TIME_TEXTS: TimeTexts = {
  utc: (seconds, nanoseconds) => utcText({ seconds, nanoseconds }),
  epoch: (seconds, nanoseconds) => textBy((out) => writeEpoch(out, seconds, nanoseconds)),
  duration: (nanoseconds) => textBy((out) => writeSeconds(out, nanoseconds)),
};

export class FieldsWriter {
  constructor(
    private readonly out: ByteWriter,
    private readonly fields: SelectedFields,
    private readonly layout: FieldsLayout,
  ) {}

  /** Writes the line of names, if the layout has one: without quotes, as in tshark. */
  begin(): void {
    if (this.layout.header) this.line(this.fields.names.map(escapeUnsafe));
  }

  /** Writes the line of a message, or of an exchange. */
  write(source: FieldSource): void {
    this.line(this.fields.names.map((_, index) => this.cell(this.fields.textsOf(index, source))));
  }

  private cell(texts: readonly string[]): string {
    if (texts.length === 0) return '';
    const { occurrence, aggregator } = this.layout;
    if (occurrence === 'f') return this.quoted(texts[0]);
    return this.quoted(occurrence === 'l' ? texts[texts.length - 1] : texts.join(aggregator));
  }

  private quoted(text: string): string {
    const { quote, separator } = this.layout;
    const safe = escapeUnsafe(text);
    if (quote === '') return safe;
    if (quote !== 'csv') return `${quote}${safe.replaceAll(quote, quote + quote)}${quote}`;
    const isPlain = !safe.includes(separator) && !safe.includes('"');
    return isPlain ? safe : `"${safe.replaceAll('"', '""')}"`;
  }

  private line(cells: readonly string[]): void {
    this.out.utf8(cells.join(this.layout.separator));
    this.out.byte(0x0a);
  }
}
