/**
 * The list of exchanges (`--calls`): one line for each call and its reply. Frame and time are those of
 * the call; then client → server, program, response time, request → result, and remarks: retransmissions,
 * or why there is no reply. A reply whose call was not captured has its line of the plain list.
 */
import type { Dissection } from '../dissect/dissection.js';
import type { Dissector } from '../dissect/dissector.js';
import type { Exchange } from '../dissect/exchange.js';
import { ExchangeSummary } from '../dissect/exchange-summary.js';
import { sanitizeSince } from '../terminal/sanitize.js';
import type { ByteWriter } from '../xdr/byte-writer.js';
import { plural } from '../xdr/plural.js';
import { icmpErrorText } from './icmp-error.js';
import { type ListOptions, ListWriter } from './list.js';
import { UNANSWERED_TEXTS } from './outcome-texts.js';

export class ExchangeListWriter {
  private readonly list: ListWriter;
  private readonly summary = new ExchangeSummary();

  constructor(
    private readonly out: ByteWriter,
    dissector: Dissector,
    private readonly options: ListOptions,
  ) {
    this.list = new ListWriter(out, dissector, options);
  }

  /** Writes the line of an exchange. */
  write(exchange: Exchange): void {
    const { call, reply } = exchange;
    if (call === null) this.list.write(reply!);
    else this.writeCall(exchange, call);
  }

  private writeCall(exchange: Exchange, call: Dissection): void {
    const { out, list } = this;
    const { reply } = exchange;
    const start = out.length;
    let escapes = list.writePlace(call);
    out.byte(0x20);
    escapes += list.writeElapsed(reply?.message ?? null);
    escapes += this.writeWhat(exchange, call);
    escapes += list.writeRelated(call) + list.writeRemarks(call);
    if (exchange.outcome !== 'answered') escapes += this.warn(UNANSWERED_TEXTS[exchange.outcome]);
    escapes += this.writeTransmissions(exchange, call);
    if (reply !== null) escapes += list.writeRemarks(reply);
    list.cut(start, escapes);
    out.byte(0x0a);
  }

  /** Writes the request and its result; a status that must be shown is written after them, in its own style. */
  private writeWhat(exchange: Exchange, call: Dissection): number {
    const { out, list, summary } = this;
    const { reply } = exchange;
    const start = out.length;
    const writeSummary = (text: ByteWriter) => exchange.writeSummary(text, call);
    summary.writeSides(out, exchange, (text) => list.writeSummary(call, text, writeSummary), '');
    if (reply !== null) list.writeUndecoded(reply, ' → ');
    sanitizeSince(out, start);
    return reply === null ? 0 : list.writeStatus(reply, start, ' → ');
  }

  private writeTransmissions({ retransmissions, tcpRetransmissions, icmpError }: Exchange, call: Dissection): number {
    let escapes = retransmissions > 0 ? this.warn(plural(retransmissions, 'retransmission')) : 0;
    if (tcpRetransmissions > 0) escapes += this.warn(plural(tcpRetransmissions, 'TCP retransmission'));
    if (icmpError !== null) {
      const where = this.list.frameText(icmpError.frame, icmpError.file, call.message);
      escapes += this.warn(`ICMP error in frame ${where}: ${icmpErrorText(icmpError, call.message.destination)}`);
    }
    return escapes;
  }

  private warn(text: string): number {
    return this.list.styled(this.options.styles.warning, ` [${text}]`);
  }
}
