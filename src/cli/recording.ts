/** A recording for `diff`, which reads two at once: its exchanges in the order of their calls, read on demand. */

import { SIDES, type Side } from '../analysis/diff/aliases.js';
import { CallOrder } from '../analysis/diff/call-order.js';
import type { Diff } from '../analysis/diff/diff.js';
import type { ComparedExchange } from '../analysis/diff/exchange.js';
import type { Ignored } from '../analysis/diff/ignored.js';
import { ownExchange } from '../analysis/diff/own-exchange.js';
import type { FieldShapes } from '../analysis/diff/packed-fields.js';
import { DROPPED_NOTE } from '../dissect/call-facts.js';
import type { Exchange } from '../dissect/exchange.js';
import { ExchangeFollower } from '../dissect/exchange-follower.js';
import { ExchangeSummary } from '../dissect/exchange-summary.js';
import type { DissectorLibrary } from '../dissect/library.js';
import type { Filter } from '../filter/filter.js';
import { Inspection, type Problem } from '../library/inspection.js';
import { MAX_DIFF_AWAKE_FLOWS, MAX_DIFF_EXCHANGES, MAX_DIFF_RECORDS_TOTAL } from '../limits/diff.js';
import { CALL } from '../rpc/message.js';

export interface RecordingOptions {
  library: DissectorLibrary;
  keepDuplicates: boolean;
  ignored: Ignored | null;
  /** Shared by both recordings. */
  shapes: FieldShapes;
  onProblem: (problem: Problem) => void;
}

/** Messages that were compared without some of their bytes, by the reason. */
export interface Unseen {
  /** Bytes were not captured. */
  truncated: number;
  /** The body is encrypted. */
  encrypted: number;
  /** rpcdump dropped bytes, to limit memory. */
  dropped: number;
}

export class Recording {
  /** True when it was read to its end. */
  isOver = false;
  private readonly unseenSoFar: Unseen = { truncated: 0, encrypted: 0, dropped: 0 };
  private turns!: AsyncGenerator<undefined, void>;
  private wants: () => boolean = () => true;

  private constructor(readonly inspection: Inspection) {}

  /** What was read so far could be compared, but for this. */
  get unseen(): Readonly<Unseen> {
    return this.unseenSoFar;
  }

  /** Opens the recording at a path. `handle` takes each exchange that the filter selects. */
  static async open(
    path: string,
    { ignored, shapes, ...options }: RecordingOptions,
    filter: Filter | null,
    handle: (exchange: ComparedExchange) => void,
  ): Promise<Recording> {
    /** The slots of calls without a reply, by their numbers, and the time of the newest message, in seconds. */
    const slots = new Map<number, number>();
    let now = 0;
    const order = new CallOrder<ComparedExchange | null>(
      (exchange) => {
        if (exchange !== null) handle(exchange);
      },
      (number) => {
        // At the end of the recording it would be too far from where the other one may have its reply.
        const slot = slots.get(number);
        const isGivenUp = slot !== undefined && inspection.exchanges.isGivenUp(slot, now);
        if (isGivenUp) follower.addUnanswered(slot, 'lost_to_capture');
      },
    );
    const summary = new ExchangeSummary();
    const take = (exchange: Exchange) => {
      const isSelected = filter?.matches(exchange) !== false;
      const files = inspection.files.length > 1 ? inspection.files : null;
      const { number } = exchange.either.message;
      if (exchange.call === null) order.call(number);
      else slots.delete(number);
      order.end(number, isSelected ? ownExchange(exchange, { ignored, files, shapes, summary }) : null);
      if (isSelected) recording.countUnseen(exchange);
    };
    const inspection: Inspection = await Inspection.open(
      [path],
      {
        ...options,
        exchanges: MAX_DIFF_EXCHANGES,
        awakeFlows: MAX_DIFF_AWAKE_FLOWS,
        recordBytes: MAX_DIFF_RECORDS_TOTAL,
        onUnanswered: (slot, outcome) => follower.addUnanswered(slot, outcome),
      },
      (dissection) => {
        const { message } = dissection;
        now = message.seconds;
        if (message.type === CALL && message.retransmission === null) {
          order.call(message.number);
          slots.set(message.number, message.exchange);
        }
        follower.add(dissection);
      },
    );
    const follower = new ExchangeFollower(inspection.dissector, inspection.exchanges, take, {
      names: filter?.needsNames === true,
    });
    const recording: Recording = new Recording(inspection);
    recording.turns = recording.readInTurns(order);
    return recording;
  }

  private countUnseen({ call, reply }: Exchange): void {
    const { unseenSoFar } = this;
    for (const dissection of [call, reply]) {
      if (dissection === null) continue;
      const { message, undecoded } = dissection;
      if (message.isKeptInPart || message.notes.includes(DROPPED_NOTE)) unseenSoFar.dropped++;
      else if (message.isTruncated) unseenSoFar.truncated++;
      else if (undecoded === 'encrypted') unseenSoFar.encrypted++;
    }
  }

  /** Reads on while `wants` returns true, at most to the end. */
  async read(wants: () => boolean): Promise<void> {
    this.wants = wants;
    while (!this.isOver && wants()) {
      if ((await this.turns.next()).done) this.isOver = true;
    }
  }

  private async *readInTurns(order: Pick<CallOrder<unknown>, 'finish'>): AsyncGenerator<undefined, void> {
    yield* this.inspection.turns(() => !this.wants());
    order.finish();
  }
}

/** Reads both recordings window by window, until both are over or the output is closed. */
export async function compareRecordings(
  diff: Diff,
  recordings: Record<Side, Recording>,
  isClosed: () => boolean,
): Promise<void> {
  const isOver = { expected: false, actual: false };
  while (!(isOver.expected && isOver.actual) && !isClosed()) {
    for (const side of SIDES) {
      await recordings[side].read(() => diff.wants(side));
      isOver[side] = recordings[side].isOver;
    }
    diff.settle(isOver);
  }
}
