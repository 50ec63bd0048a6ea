/**
 * The list: one line a message, written as bytes and streamed. Columns: frame, time, source → destination, program and version,
 * call, or reply and how long it took, then what happened. Columns grow with what they hold and never shrink, so that nothing
 * waits for the end.
 */
import width from 'fast-string-width';
import type { Dissection, Dissector } from '../dissect/dissector.js';
import { failureText } from '../dissect/failure.js';
import { MAX_CACHED_TEXTS } from '../limits.js';
import { ACCEPT_STATS, CALL, type Message } from '../rpc/message.js';
import { sanitize, sanitizeSince } from '../terminal/sanitize.js';
import type { Style, Styles } from '../terminal/style.js';
import type { ByteWriter } from '../xdr/byte-writer.js';
import { PreparedText } from '../xdr/prepared-text.js';
import type { Undecoded } from '../xdr/tree-node.js';
import { endpointText } from './endpoint.js';
import { type TimeColumn, writeElapsed } from './time.js';

/** Room for the elapsed time of a reply: `186µs`, `1.23ms`. */
const ELAPSED_WIDTH = 7;
const CALL_COLUMN = ` call ${' '.repeat(ELAPSED_WIDTH + 1)}`;

const RELATIONS = { request: 'answers', blocked: 'was blocked in' } as const;

export interface ListOptions {
  styles: Styles;
  time: TimeColumn;
  /** Names of the inputs, when there is more than one. */
  files: readonly string[] | null;
  /** Columns of the terminal: longer lines are cut there. null: no line is cut. */
  columns: number | null;
}

/** A text made safe for a terminal, as bytes, and the cells that it takes. */
interface Label {
  text: PreparedText;
  width: number;
}

/** A part of all lines, and how many of its bytes are escape sequences. */
interface StyledText {
  text: PreparedText;
  escapes: number;
}

function styledText(...parts: string[]): StyledText {
  const escapes = parts.filter((part) => part.startsWith('\u001b')).join('').length;
  return { text: new PreparedText(parts.join('')), escapes };
}

/** Labels by a number: each column has few, and shows them many times. */
class Labels {
  private readonly labels = new Map<number, Label>();

  get(key: number): Label | undefined {
    return this.labels.get(key);
  }

  add(key: number, text: string): Label {
    if (this.labels.size >= MAX_CACHED_TEXTS) this.labels.clear();
    const safe = sanitize(text);
    const label = { text: new PreparedText(safe), width: width(safe) };
    this.labels.set(key, label);
    return label;
  }
}

export class ListWriter {
  private frameWidth = 5;
  private timeWidth = 9;
  private endpointsWidth = 33;
  private programWidth = 7;
  private fileWidth = 0;
  private readonly endpointLabels = new Labels();
  /** By program, then by version. */
  private readonly programLabels = new Map<number, Labels>();
  private readonly beforeTime: StyledText;
  private readonly afterTime: StyledText;
  private readonly beforeProgram: StyledText;
  private readonly afterProgram: StyledText;
  private readonly call: StyledText;
  private readonly reply: StyledText;
  private readonly afterElapsed: StyledText;
  private readonly fileLabels = new Labels();

  constructor(
    private readonly out: ByteWriter,
    private readonly dissector: Dissector,
    private readonly options: ListOptions,
  ) {
    const { time, program, call, reply, dim } = options.styles;
    this.beforeTime = styledText(' ', time.open);
    this.afterTime = styledText(time.close, '  ');
    this.beforeProgram = styledText('  ', program.open);
    this.afterProgram = styledText(program.close);
    this.call = styledText(call.open, CALL_COLUMN, call.close);
    this.reply = styledText(reply.open, ' reply', reply.close, dim.open);
    this.afterElapsed = styledText(dim.close, ' ');
  }

  /** Writes the line of the message last dissected. */
  write(dissection: Dissection): void {
    const { message } = dissection;
    const lineStart = this.out.length;
    let escapes = this.writePlace(dissection);
    escapes += message.type === CALL ? this.writeCall(dissection) : this.writeReply(dissection);
    escapes += this.writeRemarks(dissection);
    this.cut(lineStart, escapes);
    this.out.byte(0x0a);
  }

  /** Writes the first columns: file, frame, time, endpoints and program. Answers, as others do, how many bytes are styles. */
  writePlace(dissection: Dissection): number {
    const { out, options } = this;
    const { message } = dissection;
    let escapes = 0;
    if (options.files !== null) this.file(options.files, message.file);
    this.frameWidth = this.number(message.frame, this.frameWidth);
    escapes += this.put(this.beforeTime);
    const timeStart = out.length;
    options.time.write(out, message.seconds, message.nanoseconds);
    this.timeWidth = this.alignRight(timeStart, this.timeWidth);
    escapes += this.put(this.afterTime);
    this.endpoints(message);
    escapes += this.put(this.beforeProgram);
    this.program(dissection);
    return escapes + this.put(this.afterProgram);
  }

  private writeCall(dissection: Dissection): number {
    const { styles } = this.options;
    let escapes = this.put(this.call);
    if (dissection.message.retransmission !== null) {
      escapes += this.styled(styles.warning, `[resend of ${dissection.message.retransmissionFrame}] `);
    }
    this.writeSummary(dissection);
    for (const { kind, frame } of dissection.related) {
      // The context of a call is the same all the time: the tree and records have it.
      if (kind !== 'gss_context') escapes += this.styled(styles.dim, ` [${RELATIONS[kind]} ${frame}]`);
    }
    return escapes;
  }

  private writeReply(dissection: Dissection): number {
    const { styles } = this.options;
    const { message } = dissection;
    let escapes = this.put(this.reply);
    escapes += this.writeElapsed(message);
    if (message.retransmission !== null) {
      escapes += this.styled(styles.warning, `[duplicate of ${message.retransmissionFrame}] `);
    }
    this.writeSummary(dissection);
    const failure = failureText(dissection);
    if (failure !== '') {
      this.out.byte(0x20);
      escapes += this.styled(styles.error, failure);
    }
    if (!dissection.isPlainSuccess && failure === '') {
      this.out.byte(0x20);
      escapes += this.styled(styles.warning, dissection.status ?? '');
    }
    if (message.callFrame < 0) escapes += this.styled(styles.dim, ' (its call was not captured)');
    return escapes;
  }

  /** Writes the column of the elapsed time; empty when `message` is null. */
  writeElapsed(message: Message | null): number {
    const { out } = this;
    const start = out.length;
    if (message !== null && message.callFrame >= 0) writeElapsed(out, message.elapsed);
    // The micro sign takes two bytes and one cell.
    this.alignRight(start, ELAPSED_WIDTH + (out.bytes[out.length - 2] === 0xb5 ? 1 : 0));
    return this.put(this.afterElapsed);
  }

  /** Writes the procedure and the summary, made safe for a terminal; `write` writes the summary of the dissector's. */
  writeSummary(
    dissection: Dissection,
    out = this.out,
    write = (text: ByteWriter) => this.dissector.writeSummary(text),
  ): void {
    const { message } = dissection;
    const start = out.length;
    if (dissection.procedure !== null) write(out);
    else if (dissection.procedureName !== undefined) out.ascii(dissection.procedureName);
    else if (message.procedure >= 0) out.ascii(`procedure ${message.procedure}`);
    else if (!dissection.error && message.replyStat >= 0) out.ascii(ACCEPT_STATS[message.acceptStat] ?? '');
    if (dissection.undecoded !== null) {
      const { at, limit } = dissection.extent;
      out.ascii(` (${limit - at} bytes${dissection.undecoded === 'encrypted' ? ', encrypted' : ''})`);
    }
    sanitizeSince(out, start);
  }

  /** What is missing, wrong or odd. */
  writeRemarks(dissection: Dissection): number {
    const { message, compound } = dissection;
    const { styles } = this.options;
    let escapes = 0;
    if (message.isTruncated) {
      escapes += this.styled(styles.warning, ` [${message.have} of ${message.length} bytes captured]`);
    }
    if (message.headerFault !== null) {
      const { field, reason } = message.headerFault;
      escapes += this.styled(styles.warning, ` [malformed ${field}: ${reason}]`);
    }
    const fault = this.dissector.findFault(dissection);
    if (fault !== null) escapes += this.styled(styles.warning, ` [malformed ${fault.path}: ${fault.reason}]`);
    if (compound?.isComplete === false) {
      const undecoded = this.dissector.decode(dissection)?.undecoded ?? null;
      if (undecoded !== null) escapes += this.styled(styles.warning, ` [${undecodedText(undecoded)}]`);
    }
    for (const note of message.notes) escapes += this.styled(styles.warning, ` [${note}]`);
    return escapes;
  }

  // Columns

  private number(value: number, least: number): number {
    const { out } = this;
    const digits = digitsOf(value);
    out.blanks(least - digits);
    out.integer(value);
    return Math.max(digits, least);
  }

  /** Moves what was written since `start` to the right of a column; answers the column's new width. */
  private alignRight(start: number, least: number): number {
    const { out } = this;
    const shift = least - (out.length - start);
    if (shift <= 0) return out.length - start;
    out.reserve(shift);
    const { bytes } = out;
    for (let at = out.length - 1; at >= start; at--) bytes[at + shift] = bytes[at];
    for (let at = start; at < start + shift; at++) bytes[at] = 0x20;
    out.length += shift;
    return least;
  }

  private file(files: readonly string[], index: number): void {
    const label = this.fileLabels.get(index) ?? this.fileLabels.add(index, `${files[index]} `);
    this.fileWidth = this.label(label, this.fileWidth);
  }

  private endpoints(message: Message): void {
    const { source, destination, connection } = message;
    const key = connection * 2 + (source.id < destination.id ? 0 : 1);
    const label =
      this.endpointLabels.get(key) ??
      this.endpointLabels.add(key, `${endpointText(source)} → ${endpointText(destination)}`);
    this.endpointsWidth = this.label(label, this.endpointsWidth);
  }

  private program(dissection: Dissection): void {
    const { program, version } = dissection.message;
    let versions = this.programLabels.get(program);
    if (versions === undefined) {
      if (this.programLabels.size >= MAX_CACHED_TEXTS) this.programLabels.clear();
      versions = new Labels();
      this.programLabels.set(program, versions);
    }
    const label = versions.get(version) ?? versions.add(version, programText(dissection));
    this.programWidth = this.label(label, this.programWidth);
  }

  /** Writes a label and fills its column; answers the column's new width. */
  private label(label: Label, least: number): number {
    this.out.text(label.text);
    this.out.blanks(least - label.width);
    return Math.max(label.width, least);
  }

  // Styles

  /** Writes a text that is always the same; answers the bytes of its styles. */
  private put(styled: StyledText): number {
    this.out.text(styled.text);
    return styled.escapes;
  }

  styled(style: Style, text: string): number {
    const escapes = this.open(style);
    const start = this.out.length;
    this.out.utf8(text);
    sanitizeSince(this.out, start);
    return escapes + this.close(style);
  }

  private open(style: Style): number {
    this.out.ascii(style.open);
    return style.open.length;
  }

  private close(style: Style): number {
    this.out.ascii(style.close);
    return style.close.length;
  }

  /** Cuts the line at the terminal's width, `escapes` bytes of it being styles. */
  cut(start: number, escapes: number): void {
    const { columns, styles } = this.options;
    if (columns === null || this.out.length - start - escapes <= columns) return;
    const { out } = this;
    const text = out.bytes.toString('utf8', start, out.length);
    out.length = start;
    out.utf8(cutText(text, columns));
    if (escapes > 0) out.ascii(styles.error.close + styles.dim.close);
  }
}

/** `text` up to `columns` cells, an ellipsis in the last one where something is left out. Escape sequences take no room. */
function cutText(text: string, columns: number): string {
  if (width(text) <= columns) return text;
  let cells = 0;
  let kept = '';
  for (const [part] of text.matchAll(/\u001b\[[0-9;]*m|./gsu)) {
    const size = part.startsWith('\u001b') ? 0 : width(part);
    if (cells + size > columns - 1) return `${kept}…`;
    cells += size;
    kept += part;
  }
  return kept;
}

function digitsOf(value: number): number {
  let digits = 1;
  for (let bound = 10; value >= bound; bound *= 10) digits++;
  return digits;
}

function programText(dissection: Dissection): string {
  const { message, programName } = dissection;
  if (!message.hasProgram) return 'RPC';
  const name = programName ?? String(message.program);
  return message.version >= 0 ? `${name} v${message.version}` : name;
}

/** How much of a body was left as bytes, and why. */
export function undecodedText({ reason, length, place }: Undecoded): string {
  return `${length} bytes not decoded (${place === undefined ? reason : `unknown operation ${place.operation}`})`;
}
