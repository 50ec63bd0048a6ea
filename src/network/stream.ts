/**
 * How TCP connections are passed on: bytes in order with declared holes, and an end with the
 * last known state of each side.
 */
import type { Direction } from './flow.js';
import type { Rest } from './rest.js';
import type { Stamp } from './stamp.js';

/** Receives the bytes of one incarnation of a connection. */
export interface StreamSink {
  /**
   * A direction begins. `fromStart`: its first byte is known, because its SYN or the first answer
   * to the peer's SYN was captured.
   */
  begin(direction: Direction, fromStart: boolean): void;
  /**
   * The next bytes in order, `bytes[start..end)`, valid until the call returns. `carrier` is the frame that held them.
   */
  data(direction: Direction, bytes: Uint8Array, start: number, end: number, carrier: Stamp): void;
  /** `length` bytes are missing here. */
  skip(direction: Direction, length: number): void;
  /** `length` bytes were sent again. They begin `behind` bytes before the next expected byte. */
  retransmission(direction: Direction, behind: number, length: number): void;
  /**
   * The connection was reset, or a SYN took its ports. Segments that were on their way may still come; `end` follows
   * when none is expected any more, unless it turns out that an RST was ignored.
   */
  ending?(reason: EndReason, sides: SideStates): void;
  /** The frame being read holds a FIN or an RST. */
  closing?(): void;
  /** No more bytes will come. */
  end(reason: EndReason, sides: SideStates): void;
  /** True when nothing is pending, so that the sink can be put to rest. */
  readonly isQuiet?: boolean;
  /** Writes what is kept at rest; `TcpContext.reopen` reads it. */
  rest?(rest: Rest): void;
}

/**
 * What each side had said by the end: anything at all, a FIN (it sends no more), a window of
 * 0 (it takes no more for now).
 */
export type SideStates = readonly [SideState, SideState];

export interface SideState {
  readonly seen: boolean;
  readonly hasFinished: boolean;
  readonly isFull: boolean;
}

/**
 * `closed`, `reset`: the connection ended. `replaced`: a new SYN took its ports. `evicted`,
 * `input_end`: only its capture ended.
 */
export type EndReason = 'closed' | 'reset' | 'replaced' | 'evicted' | 'input_end';

/** The sink of a connection that ended before it was put to rest: it receives nothing more. */
export const ENDED_SINK: StreamSink = { begin() {}, data() {}, skip() {}, retransmission() {}, end() {} };
