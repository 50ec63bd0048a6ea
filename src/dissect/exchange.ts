/**
 * An exchange, as filters, fields and writers see it: a call, its reply, and what became of them. One object and its
 * dissections are reused for all exchanges; they hold until the callback returns.
 */
import type { Endpoint } from '../network/flow.js';
import { TCP } from '../network/protocols.js';
import type { ConnectionState } from '../rpc/connection-state.js';
import type { IcmpNote } from '../rpc/exchange-facts.js';
import type { ExchangeTable } from '../rpc/exchanges.js';
import { Message } from '../rpc/message.js';
import type { Outcome } from '../rpc/outcome.js';
import { ByteWriter } from '../xdr/byte-writer.js';
import { decodeTree } from '../xdr/tree.js';
import type { Decoded, DecodeFault } from '../xdr/tree-node.js';
import type { CallFacts } from './call-facts.js';
import { type Dissection, newDissection } from './dissection.js';
import type { Dissector } from './dissector.js';
import type { ExchangeFacts, FieldSource } from './field-source.js';
import { type FileName, namesOf } from './file-name-fields.js';

export class Exchange implements FieldSource, ExchangeFacts {
  /** null: the call was not captured, or another host's reply closed its exchange. */
  call: Dissection | null = null;
  /** null: none came that was whole. */
  reply: Dissection | null = null;
  outcome: Outcome = 'answered';
  /** Its place in the exchange table; -1 for a reply whose call is not known. */
  slot = -1;
  /** The call and the reply, as far as they are there. */
  readonly messages: Dissection[] = [];
  private readonly restored = newDissection(new Message());
  private kept: CallFacts | null = null;
  private readonly text = new ByteWriter(1024);
  private readonly decoded: (Decoded | null | undefined)[] = [];

  constructor(
    private readonly dissector: Dissector,
    private readonly exchanges: ExchangeTable,
  ) {}

  /** Sets the exchange. */
  set(slot: number, kept: CallFacts | null, reply: Dissection | null, outcome: Outcome): this {
    this.slot = slot;
    this.kept = kept;
    this.call = kept === null ? null : this.restored;
    kept?.restore(this.restored);
    this.restored.message.exchange = slot;
    this.reply = reply;
    this.outcome = outcome;
    this.messages.length = 0;
    if (this.call !== null) this.messages.push(this.call);
    if (reply !== null) this.messages.push(reply);
    this.decoded.length = 0;
    return this;
  }

  get exchange(): this {
    return this;
  }

  /** False: the reply came without its call, or not from the host whose reply closed the exchange. */
  get isWhole(): boolean {
    return this.reply === null || this.reply.message.isAnswer;
  }

  // Who and when. Times are nanoseconds; null where there is none, below zero where the clock ran backwards.

  get client(): Endpoint {
    return this.call === null ? this.reply!.message.destination : this.call.message.source;
  }

  get server(): Endpoint {
    return this.call === null ? this.reply!.message.source : this.call.message.destination;
  }

  /** The message that has what both have: connection, transport, xid, program. */
  get either(): Dissection {
    return this.call ?? this.reply!;
  }

  /** Frame of the first transmission of the call; -1 where it was not captured. */
  get callFrame(): number {
    return this.call?.message.frame ?? this.reply!.message.callFrame;
  }

  /** Index of the input that has this frame; -1 where the call was not captured. */
  get callFile(): number {
    return this.call?.message.file ?? this.reply!.message.callFile;
  }

  /** From the first transmission of the call to the reply. */
  get elapsed(): number | null {
    return this.reply === null || this.callFrame < 0 ? null : this.reply.message.elapsed;
  }

  /** The same from the last transmission, where there were several. */
  get elapsedLast(): number | null {
    const { reply } = this;
    if (reply?.message.isAnswer !== true || this.retransmissions === 0) return null;
    return this.exchanges.sinceLastCall(this.slot, reply.message.seconds, reply.message.nanoseconds);
  }

  /** From the completion of the call to the first frame of the reply. */
  get serverTime(): number | null {
    const { reply } = this;
    return reply?.message.isAnswer === true ? reply.message.elapsed - reply.message.transfer : null;
  }

  // How it went

  /** Transmissions of the call beyond the first. */
  get retransmissions(): number {
    return this.isWhole ? this.exchanges.resendsOf(this.slot) : 0;
  }

  /** TCP segments sent again that carried a part of it. */
  get tcpRetransmissions(): number {
    return this.isWhole ? this.exchanges.tcpRetransmissionsOf(this.slot) : 0;
  }

  /** The last ICMP error that quoted the call. */
  get icmpError(): IcmpNote | null {
    return this.isWhole ? this.exchanges.icmpErrorOf(this.slot) : null;
  }

  /** Of a call over TCP without a reply: what became of its connection. */
  get connectionState(): ConnectionState | null {
    return this.reply !== null || this.call?.message.protocol !== TCP
      ? null
      : this.exchanges.connectionStateOf(this.slot);
  }

  /** True when a reply came that nobody had whole, and no other. */
  get hasIncompleteReply(): boolean {
    return this.reply === null && this.exchanges.hasIncompleteReply(this.slot);
  }

  // What is in its messages

  /** The body of `call` or `reply` as a tree, made by `by`; null when it has none that can be decoded. */
  decode(dissection: Dissection, by = decodeTree): Decoded | null {
    const index = dissection === this.reply ? 1 : 0;
    let decoded = this.decoded[index];
    if (decoded === undefined) {
      decoded = this.dissector.decode(dissection, by);
      this.decoded[index] = decoded;
    }
    return decoded;
  }

  /** What is wrong with the body; null when nothing is, or only bytes are missing. */
  fault(dissection: Dissection): DecodeFault | null {
    return this.dissector.findFault(dissection);
  }

  summary(dissection: Dissection): string {
    this.text.length = 0;
    this.writeSummary(this.text, dissection);
    return this.text.toString();
  }

  /** Writes what happened in `call` or `reply`, with the names of files as they were at its time. */
  writeSummary(out: ByteWriter, dissection: Dissection): void {
    if (dissection === this.call) this.kept!.writeSummary(out);
    else this.dissector.writeSummary(out);
  }

  /** Paths of the files whose handles its messages have: of calls, where the follower was asked to keep them. */
  names(dissection: Dissection): readonly FileName[] {
    if (dissection === this.call) return this.kept!.names;
    return namesOf(dissection, this.dissector);
  }
}
