/**
 * Datagrams that wait, for one of two reasons. A reply may be captured before its call, because frames of several
 * interfaces, or of several queues of one card, swap: the sink refuses it, and it is offered again when its receiver
 * has sent something. And a datagram that a snaplen cut may have a fuller copy. After the same grace as for missing
 * bytes of TCP a datagram is passed on as it is. A frame brings one datagram at most, so the grace bounds their number.
 */
import { GAP_GRACE_PACKETS, GAP_GRACE_SECONDS } from '../limits/network.js';
import { copyBytes } from '../xdr/bytes.js';
import type { Direction, Endpoint, Flow } from './flow.js';
import type { Origins } from './origins.js';
import { copyStamp, newStamp, type Stamp } from './stamp.js';
import type { Carriage, TransportSink } from './transport-sink.js';

type DatagramArguments = Parameters<TransportSink['datagram']>;

interface EarlyDatagram {
  flow: Flow;
  direction: Direction;
  bytes: Uint8Array;
  start: number;
  end: number;
  length: number;
  carriage: Carriage;
  carrier: Stamp;
  isCut: boolean;
}

export class EarlyDatagrams {
  private waiting: EarlyDatagram[] = [];

  constructor(
    private readonly sink: TransportSink,
    private readonly now: Stamp,
    private readonly origins: Origins | null,
  ) {}

  get any(): boolean {
    return this.waiting.length > 0;
  }

  /**
   * Keeps a datagram of the frame being read, with a copy of its bytes. Reassembled datagrams
   * have bytes of their own already.
   */
  keep(isCut: boolean, ...[flow, direction, bytes, start, end, length, carriage]: DatagramArguments): void {
    const carrier = newStamp();
    copyStamp(this.now, carrier);
    const kept = { flow, direction, bytes, start, end, length, carriage: { ...carriage }, carrier, isCut };
    if (carriage.frames === 1) {
      kept.bytes = copyBytes(bytes, start, end);
      kept.start = 0;
      kept.end = end - start;
      this.origins?.copied(bytes, start, end, kept.bytes);
    }
    this.waiting.push(kept);
  }

  /** Offers again the datagrams that went to an endpoint which has now sent something. */
  offer(receiver: Endpoint): void {
    this.waiting = this.waiting.filter(
      (early) => early.isCut || early.flow.destination(early.direction) !== receiver || this.give(early),
    );
  }

  /** Drops a waiting cut datagram for its fuller copy, `bytes[start..]` of `length` bytes. False: none waits. */
  giveWay(flow: Flow, direction: Direction, bytes: Uint8Array, start: number, length: number): boolean {
    const at = this.waiting.findIndex(
      (early) =>
        early.isCut &&
        early.flow === flow &&
        early.direction === direction &&
        early.length === length &&
        Buffer.compare(early.bytes, bytes.subarray(start, start + early.end)) === 0,
    );
    if (at >= 0) this.waiting.splice(at, 1);
    return at >= 0;
  }

  /** Passes on the datagrams whose grace has passed. */
  giveUpLate(): void {
    const { waiting, now } = this;
    while (waiting.length > 0) {
      const { order, seconds } = waiting[0].carrier;
      if (now.order - order <= GAP_GRACE_PACKETS && now.seconds - seconds <= GAP_GRACE_SECONDS) return;
      this.giveUpFirst();
    }
  }

  /** Passes on all datagrams: nothing more comes. */
  finish(): void {
    while (this.any) this.giveUpFirst();
  }

  private giveUpFirst(): void {
    const early = this.waiting.shift()!;
    early.carriage.mayWait = false;
    this.give(early);
  }

  /** Passes a datagram on with the stamp of its own frame. @returns True: it still waits. */
  private give({ flow, direction, bytes, start, end, length, carriage, carrier }: EarlyDatagram): boolean {
    const { now } = this;
    const present = { ...now };
    copyStamp(carrier, now);
    const waits = this.sink.datagram(flow, direction, bytes, start, end, length, carriage);
    copyStamp(present, now);
    return waits;
  }
}
