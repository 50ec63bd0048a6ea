/**
 * The JSON record of an exchange (`--calls`, schemas/exchange.schema.json): a call with its reply, or
 * with the reason why there is none. It is written when the first complete reply comes, or the outcome is known.
 * A reply whose call was not captured is a record of its own; so is the answer of another host to a broadcast.
 */
import type { Dissector } from '../dissect/dissector.js';
import type { Exchange } from '../dissect/exchange.js';
import { ExchangeSummary } from '../dissect/exchange-summary.js';
import { transportName } from '../network/protocols.js';
import type { ByteWriter } from '../xdr/byte-writer.js';
import { type RecordOptions, RecordWriter } from './record.js';
import { KEYS } from './record-texts.js';
import { writeSeconds } from './time.js';

export class ExchangeRecordWriter {
  private readonly records: RecordWriter;
  private readonly summary = new ExchangeSummary();
  private count = 0;

  constructor(
    private readonly out: ByteWriter,
    dissector: Dissector,
    private readonly options: RecordOptions,
  ) {
    this.records = new RecordWriter(out, dissector, options);
  }

  /** Writes the record of an exchange, without a line break. */
  write(exchange: Exchange): void {
    const { out, records } = this;
    const { call, reply } = exchange;
    out.ascii('{"exchange":');
    out.integer(++this.count);
    this.writeEnds(exchange);
    records.writeProgram(reply ?? call!);
    out.ascii(`,"outcome":"${exchange.outcome}"`);
    this.seconds(',"elapsed":', exchange.elapsed);
    this.seconds(',"elapsed_last":', exchange.elapsedLast);
    this.seconds(',"server_time":', exchange.serverTime);
    if (reply !== null) records.writeStatus(reply);
    this.writeSummary(exchange);
    this.writeNames(exchange);
    if (exchange.isWhole) this.writeTransmissions(exchange);
    this.writeCall(exchange);
    out.ascii(',"reply":');
    if (reply === null) out.ascii('null');
    else records.writePart(reply);
    out.byte(0x7d);
  }

  private writeEnds({ client, server, either }: Exchange): void {
    const { out } = this;
    const { protocol, connection, xid } = either.message;
    out.ascii(`,"client":"${client.address}","client_port":${client.port},"server":"${server.address}"`);
    out.ascii(`,"server_port":${server.port},"transport":"${transportName(protocol)}"`);
    out.ascii(`,"connection":${connection},"xid":${xid}`);
  }

  private writeSummary(exchange: Exchange): void {
    const { out } = this;
    const start = out.length;
    out.ascii(',"summary":"');
    const text = out.length;
    this.summary.write(out, exchange);
    if (out.length === text) out.length = start;
    else out.endJsonString(text);
  }

  /** The paths of the files whose handles either message has. */
  private writeNames(exchange: Exchange): void {
    const { out } = this;
    let open = ',"names":{';
    for (const message of exchange.messages) {
      for (const [field, path] of exchange.names(message)) {
        out.ascii(open);
        out.jsonName(field);
        out.byte(0x3a);
        out.jsonText(path);
        open = ',';
      }
    }
    if (open === ',') out.byte(0x7d);
  }

  private writeTransmissions(exchange: Exchange): void {
    const { out } = this;
    const { tcpRetransmissions, icmpError } = exchange;
    out.ascii(',"retransmissions":');
    out.integer(exchange.retransmissions);
    if (tcpRetransmissions > 0) out.ascii(`,"tcp_retransmissions":${tcpRetransmissions}`);
    if (icmpError !== null) {
      const { frame, file, type, code } = icmpError;
      out.ascii(`,"icmp_error":{"frame":${frame}`);
      this.writeFile(file);
      out.ascii(`,"type":${type},"code":${code}}`);
    }
    if (exchange.hasIncompleteReply) out.ascii(',"incomplete_reply":true');
  }

  private writeCall({ call, callFrame, callFile }: Exchange): void {
    const { out } = this;
    out.ascii(',"call":');
    if (call !== null) return this.records.writePart(call);
    if (callFrame < 0) return out.ascii('null');
    out.ascii(`{"frame":${callFrame}`);
    this.writeFile(callFile);
    out.byte(0x7d);
  }

  /** Writes the input that has a frame, where there are several. */
  private writeFile(file: number): void {
    const { files } = this.options;
    if (files === null) return;
    this.out.text(KEYS.file);
    this.out.jsonName(files[file]);
  }

  private seconds(key: string, nanoseconds: number | null): void {
    if (nanoseconds === null) return;
    this.out.ascii(key);
    writeSeconds(this.out, nanoseconds);
  }
}
