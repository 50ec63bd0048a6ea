/** What the bytes of a TCP connection are handed on as: runs in order with declared holes, an end, and what each side had said by then. */
import type { Direction } from './flow.js';
import type { Rest } from './rest.js';
import type { Stamp } from './stamp.js';

/** Takes the bytes of one incarnation of a connection. */
export interface StreamSink {
  /** The direction begins here: `fromStart` when its SYN (or an answer that fixes its first number) was seen. */
  begin(direction: Direction, fromStart: boolean): void;
  /** The next bytes in order, `bytes[start..end)`; they hold until the call returns. `carrier` is the frame that had them. */
  data(direction: Direction, bytes: Uint8Array, start: number, end: number, carrier: Stamp): void;
  /** `length` bytes are missing here. */
  skip(direction: Direction, length: number): void;
  /** A segment of `length` bytes came that were all seen before; it begins `behind` bytes before the next new one. */
  retransmission(direction: Direction, behind: number, length: number): void;
  /** No more bytes will come; `reset` by RST, else closed by both sides, replaced, evicted or at the end of the input. */
  end(reason: EndReason, sides: SideStates): void;
  /** True when nothing is pending. */
  readonly isQuiet?: boolean;
  /** Writes what is known at rest, which `TcpContext.reopen` reads. */
  rest?(rest: Rest): void;
}

/** What each side had said by the end: anything, that it sends no more (FIN), that it takes no more for now (a window of 0). */
export type SideStates = readonly [SideState, SideState];

export interface SideState {
  readonly seen: boolean;
  readonly hasFinished: boolean;
  readonly isFull: boolean;
}

/** `closed`, `reset`: the connection ended. `replaced`: a new SYN took its ports. The others: the capture stopped telling. */
export type EndReason = 'closed' | 'reset' | 'replaced' | 'evicted' | 'input_end';

/** Of a stream that ended before its connection was put to rest: nothing more is handed on. */
export const ENDED_SINK: StreamSink = { begin() {}, data() {}, skip() {}, retransmission() {}, end() {} };
