/**
 * The interface between the network layer and the layer above: datagrams, streams, and packets that ICMP errors quote.
 */
import type { Direction, Flow } from './flow.js';
import type { IcmpError } from './icmp.js';
import type { RdmaSink } from './rdma/rdma-sink.js';
import type { Rest } from './rest.js';
import type { StreamSink } from './stream.js';

/** The frames that carried an IP datagram: several if it was fragmented. The time is that of the first. */
export interface Carriage {
  firstFrame: number;
  /** Index of the input that `firstFrame` counts in. */
  firstFile: number;
  frames: number;
  /** If there are several frames: their places among the frames of all inputs. */
  orders: readonly number[];
  seconds: number;
  nanoseconds: number;
  /** A fragment was never captured, so the receiver had no datagram either. */
  lost: boolean;
  /** The frame was captured before; set only where duplicates are wanted. */
  duplicate: boolean;
  /** The datagram will be offered again if the sink refuses it. */
  mayWait: boolean;
}

/** Receives what the network layer finds. Bytes are valid until the call returns. */
export interface TransportSink {
  /**
   * A UDP payload `bytes[start..end)`, of `length` bytes on the wire.
   * @returns True: refused for now, because it is a reply whose call has not come, and it may wait.
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
  /** A TCP connection (incarnation) begins with its first segment. */
  open(flow: Flow): StreamSink;
  /** The same for a connection that was put to rest (`StreamSink.rest`). Without this method, none is put to rest. */
  reopen?(flow: Flow, rest: Rest): StreamSink;
  /** The first SEND of a reliable connection of RDMA. Without this method RDMA is only counted. */
  rdma?(flow: Flow): RdmaSink;
  /**
   * An ICMP error quotes a packet that was sent in `direction` of a known flow (`flow.protocol`: 6 or 17).
   * `bytes[start..end)` is the quoted part of the transport's payload: often nothing of TCP, and a few bytes or all
   * of UDP. A quoted packet is never a message, because it was sent before; the error says what became of it.
   * `error` is valid until the call returns.
   */
  quoted?(flow: Flow, direction: Direction, bytes: Uint8Array, start: number, end: number, error: IcmpError): void;
}
