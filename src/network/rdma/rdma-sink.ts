/** The interface between reliable connections of RDMA and the layer above: SENDs, and bytes moved between memories. */
import type { Direction, Flow } from '../flow.js';
import type { Stamp } from '../stamp.js';
import type { RdmaPacket } from './base-transport.js';

/** Bytes that a packet of an RDMA WRITE, or of the response to an RDMA READ, moved. */
export interface Transfer {
  /** The direction in which the owner of the memory sends: the receiver of a WRITE, the sender of a response. */
  owner: Direction;
  /** The remote key of the memory, and the address where the whole operation began. */
  key: number;
  addressHigh: number;
  addressLow: number;
  /** Where the packet's bytes lie, counted from that address. */
  offset: number;
}

/** Receives the packets of one connection in the order of their sequence numbers. They are valid until the call returns. */
export interface RdmaSink {
  /** The flow has the numbers of both queue pairs now. */
  paired(flow: Flow): void;
  /** The next packet of a SEND. */
  send(direction: Direction, packet: RdmaPacket, carrier: Stamp): void;
  /** Bytes of RDMA WRITE or READ. */
  transfer(transfer: Transfer, packet: RdmaPacket, carrier: Stamp): void;
  /** Packets of this direction are missing. */
  skip(direction: Direction): void;
  /** Whether the first packet of a SEND answers a call that was passed on in `direction` of this connection. */
  isAnsweredBy(direction: Direction, reply: RdmaPacket): boolean;
  /** Whether, of the first packets of two SENDs, the one answers the other. */
  isAnswer(call: RdmaPacket, reply: RdmaPacket): boolean;
  /** No more packets come: the capture ended, or the connection was forgotten. */
  end(): void;
}
