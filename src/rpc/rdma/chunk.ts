/**
 * A chunk of remote memory (RFC 8166 §3.4): its segments, and the bytes that RDMA WRITE or READ moved to or from it. They
 * are kept from the first on, up to the first missing one; bytes further on may be moved again, once those before them
 * were.
 */
import type { RdmaPacket } from '../../network/rdma/base-transport.js';
import type { Transfer } from '../../network/rdma/rdma-sink.js';
import type { Stamp } from '../../network/stamp.js';
import type { BufferPool } from '../buffer-pool.js';
import { Carriers } from '../carriers.js';
import { RecordStore } from '../record-store.js';
import { lengthOf, type Segment } from './rdma-header.js';

const WORD = 2 ** 32;

export class Chunk {
  readonly store: RecordStore;
  /** The frames that moved its bytes. */
  readonly carriers = new Carriers();
  readonly length: number;

  constructor(
    pool: BufferPool,
    readonly segments: readonly Segment[],
  ) {
    this.store = new RecordStore(pool);
    this.store.open();
    this.length = lengthOf(segments);
  }

  /** How many bytes are there, from the first on. */
  get have(): number {
    return this.store.length;
  }

  /** Takes the bytes of a packet, if they belong to this chunk. */
  put(transfer: Transfer, { bytes, start, end, length }: RdmaPacket, carrier: Stamp): boolean {
    const at = this.placeOf(transfer);
    if (at < 0 || at + length > this.length) return false;
    const { have } = this;
    this.carriers.note(carrier);
    const known = have - at;
    if (known < 0 || known >= end - start) return true;
    this.store.keep(bytes, start + known, end - start - known, this.length - have);
    return true;
  }

  release(): void {
    this.store.release();
  }

  /** Where in the chunk the bytes of a transfer begin; -1: elsewhere. */
  private placeOf({ key, addressHigh, addressLow, offset }: Transfer): number {
    let before = 0;
    for (const segment of this.segments) {
      const at = (addressHigh - segment.addressHigh) * WORD + (addressLow - segment.addressLow) + offset;
      if (key === segment.key && at >= 0 && at < segment.length) return before + at;
      before += segment.length;
    }
    return -1;
  }
}
