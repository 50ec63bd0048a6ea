/** What the network layer hands on, and to whom: datagrams, streams, and packets that ICMP errors quote. */
import type { Direction, Flow } from './flow.js';
import type { IcmpError } from './icmp.js';
import type { Rest } from './rest.js';
import type { StreamSink } from './stream.js';

/** Frames that carried an IP datagram: more than one when it came in fragments; the time is that of the first. */
export interface Carriage {
  firstFrame: number;
  frames: number;
  /** The places of several frames among all inputs' frames. */
  orders: readonly number[];
  seconds: number;
  nanoseconds: number;
  /** A fragment never came, so the receiver had no datagram either. */
  lost: boolean;
  /** The frame was captured before; only where duplicates are wanted. */
  duplicate: boolean;
  /** It is offered again if its turn has not come. */
  mayWait: boolean;
}

/** Takes what the network layer finds. Bytes hold until the call returns. */
export interface TransportSink {
  /**
   * A UDP payload `bytes[start..end)` whose length on the wire is `length` (-1: its end was lost, and the length with it).
   * @returns True: what it answers has not come, and as it may wait it was not taken yet.
   */
  datagram(
    flow: Flow,
    direction: Direction,
    bytes: Uint8Array,
    start: number,
    end: number,
    length: number,
    carriage: Carriage,
  ): boolean;
  /** A TCP connection (incarnation) appears with its first segment. */
  open(flow: Flow): StreamSink;
  /** The same for one that was put to rest (`StreamSink.rest`). Without it none is. */
  reopen?(flow: Flow, rest: Rest): StreamSink;
  /**
   * An ICMP error quotes a packet that was sent in `direction` of a flow that is known (`flow.protocol`: 6 or 17). `bytes[start..end)`
   * is what it quotes of the transport's payload: often nothing of TCP, and of UDP a few bytes or all. It is never a message: it was
   * sent before, and an error about it says what became of it. `error` holds until the call returns.
   */
  quoted?(flow: Flow, direction: Direction, bytes: Uint8Array, start: number, end: number, error: IcmpError): void;
}
