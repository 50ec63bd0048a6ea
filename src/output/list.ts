/**
 * The list: one line a message, written as bytes and streamed. Columns: frame, time, source → destination, program and version,
 * call, or reply and how long it took, then what happened. Columns grow with what they hold and never shrink, so that nothing
 * waits for the end.
 */
import width from 'fast-string-width';
import type { Dissection, Dissector } from '../dissect/dissector.js';
import { ACCEPT_STATS, AUTH_STATS, CALL, type Message, MSG_ACCEPTED, REJECT_STATS, SUCCESS } from '../rpc/message.js';
import { sanitizeSince } from '../terminal/sanitize.js';
import type { Style, Styles } from '../terminal/style.js';
import type { ByteWriter } from '../xdr/byte-writer.js';
import { endpointText } from './endpoint.js';
import { elapsedText, type TimeColumn } from './time.js';

/** Room for the elapsed time of a reply: `186µs`, `1.23ms`. */
const ELAPSED_WIDTH = 7;
const CALL_COLUMN = ` call ${' '.repeat(ELAPSED_WIDTH + 1)}`;

export interface ListOptions {
  styles: Styles;
  time: TimeColumn;
  /** Names of the inputs, when there is more than one. */
  files: readonly string[] | null;
  /** Columns of the terminal: longer lines are cut there. null: no line is cut. */
  columns: number | null;
}

export class ListWriter {
  private frameWidth = 5;
  private timeWidth = 9;
  private endpointsWidth = 33;
  private programWidth = 7;
  private fileWidth = 0;

  constructor(
    private readonly out: ByteWriter,
    private readonly dissector: Dissector,
    private readonly options: ListOptions,
  ) {}

  /** Writes the line of the message last dissected. */
  write(dissection: Dissection): void {
    const { out, options } = this;
    const { message } = dissection;
    const { styles } = options;
    const lineStart = out.length;
    let escapes = 0;
    if (options.files !== null) this.fileWidth = this.column(options.files[message.file], this.fileWidth, true);
    this.frameWidth = this.number(message.frame, this.frameWidth);
    out.byte(0x20);
    escapes += this.open(styles.time);
    const timeStart = out.length;
    options.time.write(out, message.seconds, message.nanoseconds);
    this.timeWidth = this.alignRight(timeStart, this.timeWidth);
    escapes += this.close(styles.time);
    out.ascii('  ');
    this.endpointsWidth = this.endpoints(message, this.endpointsWidth);
    out.ascii('  ');
    escapes += this.open(styles.program);
    this.programWidth = this.column(programText(dissection), this.programWidth, false);
    escapes += this.close(styles.program);
    escapes += message.type === CALL ? this.writeCall(dissection) : this.writeReply(dissection);
    escapes += this.writeRemarks(message);
    this.cut(lineStart, escapes);
    out.byte(0x0a);
  }

  private writeCall(dissection: Dissection): number {
    const { styles } = this.options;
    let escapes = this.styled(styles.call, CALL_COLUMN);
    if (dissection.message.retransmission !== null) {
      escapes += this.styled(styles.warning, `[resend of ${dissection.message.retransmissionFrame}] `);
    }
    this.writeSummary(dissection);
    return escapes;
  }

  private writeReply(dissection: Dissection): number {
    const { styles } = this.options;
    const { message } = dissection;
    let escapes = this.styled(styles.reply, ' reply');
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
    if (message.callFrame < 0) escapes += this.styled(styles.dim, ' (its call was not captured)');
    return escapes;
  }

  private writeElapsed(message: Message): number {
    const text = message.callFrame < 0 ? '' : elapsedText(message.elapsed);
    for (let i = text.length; i < ELAPSED_WIDTH; i++) this.out.byte(0x20);
    const escapes = this.styled(this.options.styles.dim, text);
    this.out.byte(0x20);
    return escapes;
  }

  /** Writes the procedure and the summary, made safe for a terminal. */
  private writeSummary(dissection: Dissection): void {
    const { out } = this;
    const { message } = dissection;
    const start = out.length;
    if (dissection.procedureName !== undefined) out.word(dissection.procedureName);
    else if (message.procedure >= 0) out.ascii(`procedure ${message.procedure}`);
    else if (!dissection.error && message.replyStat >= 0) out.ascii(ACCEPT_STATS[message.acceptStat] ?? '');
    this.dissector.writeSummary(out);
    if (dissection.undecoded === 'encrypted') out.ascii(' (encrypted)');
    sanitizeSince(out, start);
  }

  private writeRemarks(message: Message): number {
    let escapes = 0;
    if (message.isTruncated) {
      escapes += this.styled(this.options.styles.warning, ` [${message.have} of ${message.length} bytes captured]`);
    }
    if (message.headerFault !== null) {
      const { field, reason } = message.headerFault;
      escapes += this.styled(this.options.styles.warning, ` [malformed ${field}: ${reason}]`);
    }
    return escapes;
  }

  // Columns

  private number(value: number, least: number): number {
    const { out } = this;
    const start = out.length;
    out.integer(value);
    return this.alignRight(start, least);
  }

  /** Moves what was written since `start` to the right of a column; answers the column's new width. */
  private alignRight(start: number, least: number): number {
    const { out } = this;
    const length = out.length - start;
    if (length >= least) return length;
    out.reserve(least - length);
    out.bytes.copyWithin(start + least - length, start, out.length);
    out.bytes.fill(0x20, start, start + least - length);
    out.length += least - length;
    return least;
  }

  private endpoints(message: Message, least: number): number {
    const { out } = this;
    const [from, to] = [endpointText(message.source), endpointText(message.destination)];
    out.ascii(from);
    out.word(' → ');
    out.ascii(to);
    return this.fill(from.length + to.length + 3, least);
  }

  private column(text: string, least: number, apart: boolean): number {
    const { out } = this;
    const start = out.length;
    out.utf8(text);
    sanitizeSince(out, start);
    const wide = this.fill(width(text), least);
    if (apart) out.byte(0x20);
    return wide;
  }

  private fill(length: number, least: number): number {
    for (let i = length; i < least; i++) this.out.byte(0x20);
    return Math.max(length, least);
  }

  // Styles

  private styled(style: Style, text: string): number {
    const escapes = this.open(style);
    this.out.word(text);
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
  private cut(start: number, escapes: number): void {
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

function programText(dissection: Dissection): string {
  const { message, programName } = dissection;
  if (!message.hasProgram) return 'RPC';
  const name = programName ?? String(message.program);
  return message.version >= 0 ? `${name} v${message.version}` : name;
}

/** What went wrong with a call, at the RPC level or in the program. */
export function failureText(dissection: Dissection): string {
  const { message, status, error } = dissection;
  if (!error) return '';
  if (message.replyStat < 0) return '';
  if (message.replyStat !== MSG_ACCEPTED) {
    const reject = REJECT_STATS[message.rejectStat] ?? `reject_stat ${message.rejectStat}`;
    if (message.authStat >= 0) return `${reject} ${AUTH_STATS[message.authStat] ?? message.authStat}`;
    return message.low >= 0 ? `${reject} (${message.low} to ${message.high})` : reject;
  }
  if (message.acceptStat !== SUCCESS) {
    if (message.acceptStat < 0) return '';
    const accept = ACCEPT_STATS[message.acceptStat] ?? `accept_stat ${message.acceptStat}`;
    return message.low >= 0 ? `${accept} (${message.low} to ${message.high})` : accept;
  }
  return status ?? '';
}
