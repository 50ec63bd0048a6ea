/**
 * The list: one line a message, written as bytes and streamed. Columns: frame, time, source
 * → destination, program and version, call or reply with its elapsed time, and the summary.
 * Columns widen with their contents and never shrink, so that no line waits for later ones.
 */
import width from 'fast-string-width';
import type { Dissection } from '../dissect/dissection.js';
import type { Dissector } from '../dissect/dissector.js';
import { notableStatus } from '../dissect/failure.js';
import { findAuthFault } from '../dissect/opaque-auth.js';
import { ACCEPT_STATS, CALL, type Message } from '../rpc/message.js';
import { sanitize, sanitizeSince } from '../terminal/sanitize.js';
import type { Style, Styles } from '../terminal/style.js';
import type { ByteWriter } from '../xdr/byte-writer.js';
import { byteCount, bytesFollow } from '../xdr/plural.js';
import { PreparedText } from '../xdr/prepared-text.js';
import type { Decoded, DecodeFault, Undecoded } from '../xdr/tree-node.js';
import { cutStart, cutText } from './cut-text.js';
import { frameText } from './endpoint.js';
import { Places, type StyledText, styledText } from './list-columns.js';
import { type ListLayout, listLayout } from './list-layout.js';
import { ELAPSED_WIDTH, type TimeColumn, writeElapsedColumn } from './time.js';

const RELATIONS = { request: 'answers', blocked: 'was blocked in', replay: 'replay of' } as const;

/** Cells that a summary keeps next to a status that must be shown. */
const LEAST_SUMMARY = 7;
/** Endings of capture file names. */
const EXTENSIONS = /(\.(pcap|pcapng|cap|snoop|gz|zst))+$/i;

export interface ListOptions {
  styles: Styles;
  time: TimeColumn;
  /** Names of the inputs, when there are several. */
  files: readonly string[] | null;
  /** Columns of the terminal: longer lines are cut there. null: no line is cut. */
  columns: number | null;
}

/** The name of an input, made safe for a terminal, and its width in cells. */
interface Label {
  text: PreparedText;
  width: number;
}

export class ListWriter {
  private frameWidth = 5;
  /** The number of digits of the previous frame, and the range of numbers with as many; empty at first. */
  private frameDigits = 0;
  private leastFrame = 0;
  private mostFrame = -1;
  private timeWidth = 9;
  private fileWidth = 0;
  /** Offsets of a status that must be shown in the output, and of the summary before it; -1 where the line has none. */
  private statusStart = -1;
  private summaryStart = -1;
  private readonly layout: ListLayout;
  private readonly places: Places;
  private readonly beforeTime: StyledText;
  private readonly afterElapsed: StyledText;
  private readonly files: Label[] = [];

  constructor(
    private readonly out: ByteWriter,
    private readonly dissector: Dissector,
    private readonly options: ListOptions,
  ) {
    const { time, dim } = options.styles;
    this.layout = listLayout(options.columns);
    this.places = new Places(options.styles, this.layout);
    this.beforeTime = styledText(' ', time.open);
    this.afterElapsed = styledText(dim.close, ' ');
  }

  /** Copies the widths of the columns. A line depends on nothing else of the lines before it. */
  copyWidths(to: Int32Array): void {
    to[0] = this.frameWidth;
    to[1] = this.timeWidth;
    to[2] = this.places.endpointsWidth;
    to[3] = this.places.programWidth;
    to[4] = this.fileWidth;
  }

  takeWidths(from: Int32Array): void {
    this.frameWidth = from[0];
    // Makes the next frame count its digits again, which may widen the column.
    if (this.frameDigits > this.frameWidth) this.mostFrame = -1;
    this.timeWidth = from[1];
    this.places.takeWidths(from[2], from[3]);
    this.fileWidth = from[4];
  }

  /** Writes the line of the message that was dissected last. */
  write(dissection: Dissection): void {
    const { message } = dissection;
    const lineStart = this.out.length;
    let escapes = this.writeTime(message);
    const isCall = message.type === CALL;
    escapes += this.put(this.places.of(dissection, isCall ? 'call' : 'reply'));
    escapes += isCall ? this.writeCall(dissection) : this.writeReply(dissection);
    escapes += this.writeRemarks(dissection);
    this.cut(lineStart, escapes);
    this.out.byte(0x0a);
  }

  /**
   * Writes the first columns: file, frame, time, endpoints and
   * program. Like the other methods it returns the bytes of styles.
   */
  writePlace(dissection: Dissection): number {
    const escapes = this.writeTime(dissection.message);
    return escapes + this.put(this.places.of(dissection, 'program'));
  }

  private writeTime(message: Message): number {
    const { out, options } = this;
    if (options.files !== null) this.file(options.files, message.file);
    this.writeFrame(message.frame);
    const escapes = this.put(this.beforeTime);
    const timeStart = out.length;
    options.time.write(out, message.seconds, message.nanoseconds);
    this.timeWidth = this.alignRight(timeStart, this.timeWidth);
    return escapes;
  }

  private writeCall(dissection: Dissection): number {
    const { styles } = this.options;
    const { message } = dissection;
    let escapes = 0;
    if (message.retransmission !== null) {
      // Short, because the summary follows: at 80 columns it has 35.
      escapes += this.styled(styles.warning, `[resend of ${this.firstSeen(message)}] `);
    }
    this.writeSummary(dissection);
    return escapes + this.writeRelated(dissection);
  }

  /** Writes the related messages of a call. */
  writeRelated({ related, message }: Dissection): number {
    const { warning, dim } = this.options.styles;
    let escapes = 0;
    for (const { kind, frame, file } of related) {
      // All calls of a context have the same one: only the tree and records show it.
      if (kind === 'gss_context') continue;
      escapes += this.styled(
        kind === 'replay' ? warning : dim,
        ` [${RELATIONS[kind]} ${this.frameText(frame, file, message)}]`,
      );
    }
    return escapes;
  }

  private writeReply(dissection: Dissection): number {
    const { styles } = this.options;
    const { message } = dissection;
    let escapes = this.writeElapsed(message);
    if (message.retransmission !== null) {
      escapes += this.styled(styles.warning, `[duplicate of ${this.firstSeen(message)}] `);
    }
    const summaryStart = this.out.length;
    this.writeSummary(dissection);
    escapes += this.writeStatus(dissection, summaryStart, ' ');
    if (message.callFrame < 0) escapes += this.styled(styles.dim, ' (its call was not captured)');
    else if (message.isCallForgotten) {
      const frame = this.frameText(message.callFrame, message.callFile, message);
      escapes += this.styled(styles.dim, ` (its call, frame ${frame}, was forgotten)`);
    }
    return escapes;
  }

  /** Writes the status of a reply if it must be shown; `cut` keeps it. */
  writeStatus(reply: Dissection, summaryStart: number, separator: string): number {
    const status = notableStatus(reply);
    if (status === '') return 0;
    const { error, warning } = this.options.styles;
    this.summaryStart = summaryStart;
    this.statusStart = this.out.length;
    this.out.utf8(separator);
    return this.styled(reply.error ? error : warning, status);
  }

  /** Writes the column of the elapsed time; empty when `message` is null. */
  writeElapsed(message: Message | null): number {
    if (message === null) this.out.blanks(ELAPSED_WIDTH);
    else if (message.callFrame < 0) this.out.ascii(this.layout.noElapsed);
    else writeElapsedColumn(this.out, message.elapsed);
    return this.put(this.afterElapsed);
  }

  /** Writes the procedure and the summary, made safe for a terminal. `write` replaces the dissector's summary. */
  writeSummary(dissection: Dissection, out = this.out, write: ((text: ByteWriter) => void) | null = null): void {
    const { message } = dissection;
    const start = out.length;
    if (dissection.procedure !== null && write !== null) write(out);
    else if (dissection.procedure !== null) this.dissector.writeSummary(out);
    else if (dissection.procedureName !== undefined) out.ascii(dissection.procedureName);
    else if (message.procedure >= 0) out.ascii(`procedure ${message.procedure}`);
    else if (!dissection.error && message.replyStat >= 0) out.ascii(ACCEPT_STATS[message.acceptStat] ?? '');
    this.writeUndecoded(dissection, ' ', out);
    sanitizeSince(out, start);
  }

  /** Writes how long a body is that was not decoded, behind a separator. */
  writeUndecoded({ undecoded, extent }: Dissection, separator: string, out = this.out): void {
    if (undecoded === null) return;
    const isEncrypted = undecoded === 'encrypted';
    out.utf8(`${separator}(${byteCount(extent.limit - extent.at)}${isEncrypted ? ', encrypted' : ''})`);
  }

  /** Writes what is missing, wrong or odd. */
  writeRemarks(dissection: Dissection): number {
    const { message, compound } = dissection;
    const { styles } = this.options;
    let escapes = 0;
    if (message.isTruncated) {
      escapes += this.styled(
        styles.warning,
        ` [${message.have} of ${message.length} bytes ${message.isKeptInPart ? 'kept' : 'captured'}]`,
      );
    }
    if (message.headerFault !== null) {
      const { field, reason } = message.headerFault;
      escapes += this.styled(styles.warning, ` [malformed ${field}: ${reason}]`);
    } else escapes += this.writeFault(findAuthFault(dissection));
    const odd = this.dissector.examine(dissection);
    if (odd !== null) escapes += this.writeOddity(odd, dissection.extent.limit);
    if (compound?.isComplete === false) {
      const undecoded = this.dissector.decode(dissection)?.undecoded ?? null;
      if (undecoded !== null) escapes += this.styled(styles.warning, ` [${undecodedText(undecoded)}]`);
    }
    for (const note of message.notes) escapes += this.styled(styles.warning, ` [${note}]`);
    return escapes;
  }

  /** Writes what is wrong with a body that was decoded, or that bytes are left behind it. */
  private writeOddity({ fault, next, undecoded }: Decoded, limit: number): number {
    if (fault?.kind === 'malformed') return this.writeFault(fault);
    // What follows an unknown operation is a part of it, or operations after it.
    if (fault !== null || next === limit || undecoded?.place !== undefined) return 0;
    return this.styled(this.options.styles.warning, ` [${bytesFollow(limit - next)} the last field]`);
  }

  private writeFault(fault: DecodeFault | null): number {
    return fault === null ? 0 : this.styled(this.options.styles.warning, ` [malformed ${fault.path}: ${fault.reason}]`);
  }

  // Columns

  /** Writes a frame number, aligned to the right of its column. */
  private writeFrame(frame: number): void {
    const { out } = this;
    // Frames mostly come in order and have as many digits as the previous one.
    if (frame < this.leastFrame || frame > this.mostFrame) this.countDigits(frame);
    if (this.frameWidth > this.frameDigits) out.blanks(this.frameWidth - this.frameDigits);
    out.integer(frame);
  }

  private countDigits(frame: number): void {
    this.frameDigits = String(frame).length;
    this.mostFrame = 10 ** this.frameDigits - 1;
    this.leastFrame = (this.mostFrame + 1) / 10;
    this.frameWidth = Math.max(this.frameWidth, this.frameDigits);
  }

  /** Aligns the text since `start` to the right of a column; returns the column's new width. */
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
    const { text, width: cells } = this.files[index] ?? this.addFile(index, files[index]);
    this.out.text(text);
    this.out.blanks(this.fileWidth - cells);
    this.fileWidth = Math.max(this.fileWidth, cells);
  }

  private addFile(index: number, file: string): Label {
    const name = `${this.fitFile(sanitize(file))} `;
    this.files[index] = { text: new PreparedText(name), width: width(name) };
    return this.files[index];
  }

  /** A frame that the line of `message` refers to: one of another file with that file, as its column shows it. */
  frameText(frame: number, file: number, message: Message): string {
    return frameText(frame, file === message.file ? undefined : this.fitFile(this.options.files![file]));
  }

  private firstSeen(message: Message): string {
    return this.frameText(message.retransmissionFrame, message.retransmissionFile, message);
  }

  /** Shortens a long name: first by its ending, which most captures share, and then by its beginning. */
  private fitFile(file: string): string {
    const { mostFile } = this.layout;
    return width(file) <= mostFile ? file : cutStart(file.replace(EXTENSIONS, ''), mostFile);
  }

  // Styles

  /** Writes a prepared text; returns the bytes of its styles. */
  private put(styled: StyledText): number {
    this.out.text(styled.text);
    return styled.escapes;
  }

  styled(style: Style, text: string): number {
    const { out } = this;
    out.ascii(style.open);
    const start = out.length;
    out.utf8(text);
    sanitizeSince(out, start);
    out.ascii(style.close);
    return style.open.length + style.close.length;
  }

  /** Cuts the line at the terminal's width; `escapes` is the number of bytes of its styles. */
  cut(start: number, escapes: number): void {
    const { columns } = this.options;
    if (columns === null) return;
    const { out, statusStart } = this;
    this.statusStart = -1;
    if (out.length - start - escapes <= columns) return;
    const text = statusStart < 0 ? out.bytes.toString('utf8', start, out.length) : this.cutSummary(start, statusStart);
    out.length = start;
    out.utf8(cutText(text, columns));
  }

  /** The text of a line whose summary is cut in favour of the status. */
  private cutSummary(start: number, statusStart: number): string {
    const { out, summaryStart, options } = this;
    const place = out.bytes.toString('utf8', start, summaryStart);
    const status = out.bytes.toString('utf8', statusStart, out.length);
    const room = (options.columns ?? 0) - width(place) - width(status);
    return (
      place + cutText(out.bytes.toString('utf8', summaryStart, statusStart), Math.max(room, LEAST_SUMMARY)) + status
    );
  }
}

/** How many bytes of a body were not decoded, and why. */
export function undecodedText({ reason, length, place }: Undecoded): string {
  return `${byteCount(length)} not decoded (${place === undefined ? reason : `unknown operation ${place.operation}`})`;
}
