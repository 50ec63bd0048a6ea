/**
 * Follows exchanges: takes the messages of a pass in their order, and hands on each exchange when it is
 * over: when the reply that closes it came, or when it is known that none will. Other transmissions of a call and
 * duplicate replies make no exchange of their own. A reply without its call makes one, and so does the answer of
 * another host to a broadcast.
 */
import { MAX_KEPT_BYTES, MAX_KEPT_CALLS } from '../limits/dissect.js';
import type { ExchangeTable } from '../rpc/exchanges.js';
import { CALL, type Message } from '../rpc/message.js';
import type { UnansweredOutcome } from '../rpc/outcome.js';
import { ByteBlocks } from './byte-blocks.js';
import { CallFacts } from './call-facts.js';
import type { Dissection } from './dissection.js';
import type { Dissector } from './dissector.js';
import { Exchange } from './exchange.js';
import { type KeepOptions, KeptCall } from './kept-call.js';

export interface FollowOptions extends Partial<KeepOptions> {
  /** Bytes that may be kept of calls. */
  bound?: number | undefined;
}

export class ExchangeFollower {
  private readonly exchange: Exchange;
  private readonly blocks: ByteBlocks;
  private readonly options: KeepOptions;
  /** Calls without a reply, by their exchange's slot. It grows with the exchanges, as the table does. */
  private readonly open: (CallFacts | null)[] = [];
  private readonly spare: KeptCall[] = [];
  /** How many of them are kept with their bytes, and the slot from which on the oldest of these stands. */
  private kept = 0;
  private hand = 0;
  /** Calls of which only the facts were kept, for memory, though more was asked for. */
  forgottenArguments = 0;

  /**
   * @param handle Takes each exchange when it is over; it holds until the call returns.
   * @param options By default bodies and summaries of calls are kept, without the names of files.
   */
  constructor(
    private readonly dissector: Dissector,
    private readonly exchanges: ExchangeTable,
    private readonly handle: (exchange: Exchange) => void,
    { bodies = true, summaries = true, names = false, bound = MAX_KEPT_BYTES }: FollowOptions = {},
  ) {
    this.options = { bodies, summaries, names };
    this.blocks = new ByteBlocks(bound);
    this.exchange = new Exchange(dissector, exchanges);
  }

  /** Takes the message last dissected. */
  readonly add = (dissection: Dissection): void => {
    const { message } = dissection;
    if (message.type === CALL) {
      if (message.retransmission === null) this.keep(dissection);
    } else if (message.isAnswer) this.end(message.exchange, dissection, 'answered');
    else if (message.exchange < 0 || this.isOthersAnswer(message)) {
      this.handle(this.exchange.set(message.exchange, null, dissection, 'answered'));
    }
  };

  /** Takes an exchange that has no reply (`onUnanswered`). */
  readonly addUnanswered = (slot: number, outcome: UnansweredOutcome): void => {
    if (this.open[slot]) this.end(slot, null, outcome);
  };

  private keep(dissection: Dissection): void {
    const slot = dissection.message.exchange;
    this.release(this.open[slot]);
    if (this.kept >= MAX_KEPT_CALLS) this.dropOldest();
    const call = this.spare.pop() ?? new KeptCall();
    if (call.keep(dissection, this.dissector, this.blocks, this.options)) {
      this.open[slot] = call;
      this.kept++;
    } else {
      this.countForgotten();
      this.spare.push(call);
      this.open[slot] = new CallFacts().keepFacts(dissection);
    }
  }

  /** Of the oldest call that is kept, only the facts stay. Slots are taken in turn, so the hand follows the newest one. */
  private dropOldest(): void {
    let call = this.open[this.hand];
    while (!(call instanceof KeptCall)) {
      this.hand = this.hand + 1 < this.open.length ? this.hand + 1 : 0;
      call = this.open[this.hand];
    }
    this.open[this.hand] = call.facts();
    this.countForgotten();
    this.release(call);
  }

  private countForgotten(): void {
    const { bodies, summaries, names } = this.options;
    if (bodies || summaries || names) this.forgottenArguments++;
  }

  private end(slot: number, reply: Dissection | null, outcome: UnansweredOutcome | 'answered'): void {
    const call = this.open[slot] ?? null;
    this.open[slot] = null;
    this.handle(this.exchange.set(slot, call, reply, outcome));
    this.release(call);
  }

  private release(call: CallFacts | null | undefined): void {
    if (!(call instanceof KeptCall)) return;
    call.release(this.blocks);
    this.kept--;
    this.spare.push(call);
  }

  /** A reply of another host than the one whose reply closed the exchange. */
  private isOthersAnswer({ exchange, source }: Message): boolean {
    return this.exchanges.isAnsweredByOther(exchange, source);
  }
}
