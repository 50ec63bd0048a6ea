/**
 * The list of exchanges (`--calls`): one line a call and its reply. Frame and time are the call's; then client → server, program,
 * how long it took, what was asked for → what came of it, and what was wrong: resends, or why there is no reply. Replies whose
 * call was not captured have their line of the plain list.
 */
import { plural } from '../analysis/account.js';
import type { Dissection, Dissector } from '../dissect/dissector.js';
import type { ExchangeTable } from '../rpc/exchanges.js';
import { CALL, type Message } from '../rpc/message.js';
import type { UnansweredOutcome } from '../rpc/outcome.js';
import { sanitizeSince } from '../terminal/sanitize.js';
import { ByteWriter } from '../xdr/byte-writer.js';
import { isAnotherAnswer } from './exchange-record.js';
import { writeExchangeSummary } from './exchange-summary.js';
import { type KeptCall, KeptCalls } from './kept-calls.js';
import { failureText, type ListOptions, ListWriter } from './list.js';
import { UNANSWERED_TEXTS } from './outcome-texts.js';

// The parts of a kept call: its first columns, what was asked for, what is odd about it.
const PLACE = 0;
const SUMMARY = 1;
const REMARKS = 2;

export class ExchangeListWriter {
  /** Where lines are made. */
  private readonly line = new ByteWriter();
  private readonly summary = new ByteWriter(1024);
  private readonly list: ListWriter;

  constructor(
    private readonly out: ByteWriter,
    private readonly dissector: Dissector,
    private readonly exchanges: ExchangeTable,
    private readonly options: ListOptions,
    private readonly kept = new KeptCalls(),
  ) {
    this.list = new ListWriter(this.line, dissector, options);
  }

  /** Takes the message last dissected; true when it made a line. */
  write(dissection: Dissection): boolean {
    const { message } = dissection;
    if (message.type === CALL) {
      if (message.retransmission === null) this.keep(dissection);
      return false;
    }
    this.line.length = 0;
    if (message.isAnswer) this.writeAnswered(dissection, this.kept.take(message.exchange));
    else if (message.exchange < 0 || isAnotherAnswer(message, this.exchanges)) this.list.write(dissection);
    else return false;
    this.finish();
    return true;
  }

  /** Writes the line of an exchange without a reply; false when nothing is known of it. */
  writeUnanswered(exchange: number, outcome: UnansweredOutcome): boolean {
    const call = this.kept.take(exchange);
    if (call === undefined) return false;
    const { line, list } = this;
    line.length = 0;
    let escapes = this.begin(call, null);
    call.write(line, SUMMARY);
    call.write(line, REMARKS);
    escapes += list.styled(this.options.styles.warning, ` [${UNANSWERED_TEXTS[outcome]}]`);
    this.end(escapes + this.writeTransmissions(exchange));
    this.finish();
    return true;
  }

  private keep(dissection: Dissection): void {
    const { line, list, kept } = this;
    const ends: number[] = [];
    line.length = 0;
    let escapes = list.writePlace(dissection);
    ends.push(line.length);
    list.writeSummary(dissection);
    ends.push(line.length);
    escapes += list.writeRemarks(dissection);
    ends.push(line.length);
    if (!kept.hasRoom(line.length)) {
      line.length = ends[PLACE];
      line.ascii('[summary dropped: too many calls wait for their reply]');
      ends[SUMMARY] = line.length;
      ends[REMARKS] = line.length;
    }
    kept.keep(dissection.message.exchange, line, ends, escapes);
  }

  private writeAnswered(dissection: Dissection, call: KeptCall | undefined): void {
    if (call === undefined) return this.list.write(dissection);
    const { line, list, summary } = this;
    let escapes = this.begin(call, dissection.message);
    const start = line.length;
    summary.length = 0;
    this.dissector.writeSummary(summary);
    // What failed stands out behind the line's text.
    const failure = failureText(dissection);
    writeExchangeSummary(line, call.part(SUMMARY), summary.bytes.subarray(0, summary.length), '');
    sanitizeSince(line, start);
    if (failure !== '') {
      line.utf8(' → ');
      escapes += list.styled(this.options.styles.error, failure);
    }
    call.write(line, REMARKS);
    escapes += this.writeTransmissions(dissection.message.exchange);
    this.end(escapes + list.writeRemarks(dissection));
  }

  private begin(call: KeptCall, reply: Message | null): number {
    const { line, list } = this;
    call.write(line, PLACE);
    line.byte(0x20);
    return call.escapes + list.writeElapsed(reply);
  }

  private writeTransmissions(exchange: number): number {
    const { list, exchanges } = this;
    const { warning } = this.options.styles;
    const resends = exchanges.resendsOf(exchange);
    const segments = exchanges.tcpRetransmissionsOf(exchange);
    const icmp = exchanges.icmpErrorOf(exchange);
    let escapes = resends > 0 ? list.styled(warning, ` [${plural(resends, 'resend')}]`) : 0;
    if (segments > 0) escapes += list.styled(warning, ` [${plural(segments, 'TCP retransmission')}]`);
    if (icmp !== null) {
      escapes += list.styled(warning, ` [ICMP error in frame ${icmp.frame}: type ${icmp.type} code ${icmp.code}]`);
    }
    return escapes;
  }

  private end(escapes: number): void {
    this.list.cut(0, escapes);
    this.line.byte(0x0a);
  }

  private finish(): void {
    this.out.copy(this.line.bytes, 0, this.line.length);
  }
}
