/**
 * A reliable connection: two queue pairs that send to each other. A packet names only the queue pair it goes to;
 * queue-pairs.ts learns which two belong together.
 */
import type { Endpoint } from '../endpoints.js';
import { type Direction, Flow } from '../flow.js';
import { RDMA } from '../protocols.js';
import type { Stamp } from '../stamp.js';
import type { RdmaPacket } from './base-transport.js';
import type { QueuePair } from './queue-pair.js';
import type { RdmaSink, Transfer } from './rdma-sink.js';

/** What connections need of their table. */
export interface RdmaContext {
  open(flow: Flow): RdmaSink;
  /** Called for each packet that was sent again, and for each hole. */
  resent(): void;
  hole(): void;
}

export class RdmaConnection {
  /** The queue pairs by the direction that sends to them. null: not known. */
  readonly queuePairs: [QueuePair | null, QueuePair | null] = [null, null];
  /** The payload of every packet of a message but its last, in bytes; 0: not known. */
  packetLength = 0;
  private flow: Flow;
  /** Made for the first SEND. */
  private ownSink: RdmaSink | null = null;

  /** @param source Where direction 0 comes from, with port 0: its queue pair is not known. */
  constructor(
    private readonly context: RdmaContext,
    readonly source: Endpoint,
    destination: Endpoint,
  ) {
    this.flow = new Flow(RDMA, source, destination);
  }

  get sink(): RdmaSink {
    this.ownSink ??= this.context.open(this.flow);
    return this.ownSink;
  }

  /** Both queue pairs are known. */
  paired(first: Endpoint, second: Endpoint): void {
    this.flow = new Flow(RDMA, first, second);
    this.ownSink?.paired(this.flow);
  }

  send(direction: Direction, packet: RdmaPacket, carrier: Stamp): void {
    this.sink.send(direction, packet, carrier);
  }

  transfer(transfer: Transfer, packet: RdmaPacket, carrier: Stamp): void {
    this.ownSink?.transfer(transfer, packet, carrier);
  }

  skip(direction: Direction): void {
    this.context.hole();
    this.ownSink?.skip(direction);
  }

  resent(): void {
    this.context.resent();
  }

  /** A packet in the middle of a message is as long as the path allows. */
  learnPacketLength({ opcode, length }: RdmaPacket): void {
    if (!opcode.isLast && length > 0) this.packetLength = length;
  }

  /** Passes on what waits; no more packets come. */
  end(): void {
    for (const queuePair of this.queuePairs) queuePair?.giveUpMissing();
    this.ownSink?.end();
    this.ownSink = null;
  }
}
