/**
 * The JSON record of an exchange (`--calls`, DESIGN §5, schemas/exchange.schema.json): a call with its reply, or with why there is
 * none. It is written when the first complete reply comes, or the outcome is known. A reply whose call was not captured is a
 * record of its own, and so is what another host answers to a broadcast.
 */
import type { Dissection, Dissector } from '../dissect/dissector.js';
import type { Endpoint } from '../network/flow.js';
import type { ExchangeTable } from '../rpc/exchanges.js';
import { CALL, type Message } from '../rpc/message.js';
import type { Outcome, UnansweredOutcome } from '../rpc/outcome.js';
import { ByteWriter } from '../xdr/byte-writer.js';
import { transportText } from './endpoint.js';
import { writeExchangeSummary } from './exchange-summary.js';
import { type KeptCall, KeptCalls } from './kept-calls.js';
import { failureText } from './list.js';
import { type RecordOptions, RecordWriter } from './record.js';
import { writeSeconds } from './time.js';

// The parts of a kept call: endpoints and xid, program and operations, summary, the member `call`.
const ENDS = 0;
const PROGRAM = 1;
const SUMMARY = 2;
const PART = 3;

const NOTHING = Buffer.alloc(0);

export class ExchangeRecordWriter {
  /** Where parts of a record are made. */
  private readonly text = new ByteWriter();
  private readonly summary = new ByteWriter(1024);
  private readonly records: RecordWriter;
  private count = 0;

  constructor(
    private readonly out: ByteWriter,
    private readonly dissector: Dissector,
    private readonly exchanges: ExchangeTable,
    options: RecordOptions,
    private readonly kept = new KeptCalls(),
  ) {
    this.records = new RecordWriter(this.text, dissector, options);
  }

  /** Takes the message last dissected; true when it made a record, which is written without a line break. */
  write(dissection: Dissection): boolean {
    const { message } = dissection;
    if (message.type === CALL) {
      if (message.retransmission === null) this.keep(dissection);
      return false;
    }
    if (message.isAnswer) this.writeAnswered(dissection, this.kept.take(message.exchange));
    else if (message.exchange < 0 || isAnotherAnswer(message, this.exchanges)) this.writeReply(dissection);
    else return false;
    return true;
  }

  /** Writes the record of an exchange without a reply; false when nothing is known of it. */
  writeUnanswered(exchange: number, outcome: UnansweredOutcome): boolean {
    const call = this.kept.take(exchange);
    if (call === undefined) return false;
    const { out } = this;
    this.begin();
    call.write(out, ENDS);
    call.write(out, PROGRAM);
    this.writeOutcome(outcome);
    this.writeSummary(call.part(SUMMARY), NOTHING, '');
    this.writeTransmissions(exchange);
    if (this.exchanges.hasIncompleteReply(exchange)) out.ascii(',"incomplete_reply":true');
    out.ascii(',"call":');
    call.write(out, PART);
    out.ascii(',"reply":null}');
    return true;
  }

  private keep(dissection: Dissection): void {
    const { text, records, kept } = this;
    const { message } = dissection;
    const ends: number[] = [];
    text.length = 0;
    writeEnds(text, message, message.source, message.destination);
    ends.push(text.length);
    records.writeProgram(dissection);
    ends.push(text.length);
    this.dissector.writeSummary(text);
    ends.push(text.length);
    records.writePart(dissection);
    if (!kept.hasRoom(text.length)) {
      text.length = ends[PROGRAM];
      ends[SUMMARY] = text.length;
      text.ascii(`{"message":${message.number},"frame":${message.frame}`);
      text.ascii(',"notes":["too many calls wait for their reply: the arguments were dropped"]}');
    }
    ends.push(text.length);
    kept.keep(message.exchange, text, ends);
  }

  private writeAnswered(dissection: Dissection, call: KeptCall | undefined): void {
    const { out, exchanges } = this;
    const { message } = dissection;
    this.begin();
    if (call === undefined) writeEnds(out, message, message.destination, message.source);
    else call.write(out, ENDS);
    this.copyProgram(dissection);
    this.writeOutcome('answered');
    this.seconds(',"elapsed":', message.elapsed);
    if (exchanges.resendsOf(message.exchange) > 0) {
      const last = exchanges.sinceLastCall(message.exchange, message.seconds, message.nanoseconds);
      this.seconds(',"elapsed_last":', last);
    }
    this.seconds(',"server_time":', message.elapsed - message.transfer);
    this.copyStatus(dissection);
    this.writeResult(dissection, call?.part(SUMMARY) ?? NOTHING);
    this.writeTransmissions(message.exchange);
    out.ascii(',"call":');
    if (call === undefined) out.ascii(`{"frame":${message.callFrame}}`);
    else call.write(out, PART);
    this.writeReplyPart(dissection);
  }

  /** A reply whose call is not there, or was written with another host's reply. */
  private writeReply(dissection: Dissection): void {
    const { out } = this;
    const { message } = dissection;
    this.begin();
    writeEnds(out, message, message.destination, message.source);
    this.copyProgram(dissection);
    this.writeOutcome('answered');
    if (message.callFrame >= 0) this.seconds(',"elapsed":', message.elapsed);
    this.copyStatus(dissection);
    this.writeResult(dissection, NOTHING);
    out.ascii(message.callFrame < 0 ? ',"call":null' : `,"call":{"frame":${message.callFrame}}`);
    this.writeReplyPart(dissection);
  }

  private begin(): void {
    this.out.ascii('{"exchange":');
    this.out.integer(++this.count);
  }

  private writeOutcome(outcome: Outcome): void {
    this.out.ascii(`,"outcome":"${outcome}"`);
  }

  private writeResult(dissection: Dissection, call: Uint8Array): void {
    const { text } = this;
    text.length = 0;
    this.dissector.writeSummary(text);
    const failure = failureText(dissection);
    this.writeSummary(call, text.bytes.subarray(0, text.length), failure);
  }

  private writeSummary(call: Uint8Array, reply: Uint8Array, failure: string): void {
    const { out, summary } = this;
    summary.length = 0;
    writeExchangeSummary(summary, call, reply, failure);
    if (summary.length === 0) return;
    out.ascii(',"summary":');
    out.jsonBytes(summary.bytes, 0, summary.length);
  }

  private writeTransmissions(exchange: number): void {
    const { out, exchanges } = this;
    const icmp = exchanges.icmpErrorOf(exchange);
    out.ascii(',"retransmissions":');
    out.integer(exchanges.resendsOf(exchange));
    const segments = exchanges.tcpRetransmissionsOf(exchange);
    if (segments > 0) out.ascii(`,"tcp_retransmissions":${segments}`);
    if (icmp !== null) out.ascii(`,"icmp_error":{"frame":${icmp.frame},"type":${icmp.type},"code":${icmp.code}}`);
  }

  private writeReplyPart(dissection: Dissection): void {
    const { out, text } = this;
    out.ascii(',"reply":');
    text.length = 0;
    this.records.writePart(dissection);
    out.copy(text.bytes, 0, text.length);
    out.byte(0x7d);
  }

  private copyProgram(dissection: Dissection): void {
    this.text.length = 0;
    this.records.writeProgram(dissection);
    this.out.copy(this.text.bytes, 0, this.text.length);
  }

  private copyStatus(dissection: Dissection): void {
    this.text.length = 0;
    this.records.writeStatus(dissection);
    this.out.copy(this.text.bytes, 0, this.text.length);
  }

  private seconds(key: string, nanoseconds: number): void {
    this.out.ascii(key);
    writeSeconds(this.out, nanoseconds);
  }
}

/** A reply of another host than the one whose reply closed the exchange. */
export function isAnotherAnswer(message: Message, exchanges: ExchangeTable): boolean {
  return message.exchange >= 0 && exchanges.isAnsweredByOther(message.exchange, message.source);
}

function writeEnds(out: ByteWriter, message: Message, client: Endpoint, server: Endpoint): void {
  out.ascii(`,"client":"${client.address}","client_port":${client.port},"server":"${server.address}"`);
  out.ascii(`,"server_port":${server.port},"transport":"${transportText(message.protocol)}"`);
  out.ascii(`,"connection":${message.connection},"xid":${message.xid}`);
}
