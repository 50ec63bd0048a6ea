/**
 * Where bytes that were copied together come from: for who writes frames anew, and has to know in which frame, and where in it, each byte
 * of a payload lies. Only kept where somebody asks; payloads in one frame lie in it as they were captured.
 */
import type { Frame } from '../capture/frame.js';
import type { IpPacket } from './ip.js';
import type { TransportSink } from './transport-sink.js';

/** A run of bytes of a frame; `offset` counts from the frame's first byte, `order` all inputs' frames. */
export interface Origin {
  order: number;
  offset: number;
  length: number;
}

/** The same, with its place in what was copied together. */
interface Run extends Origin {
  at: number;
}

export class Origins {
  private bytes: Uint8Array = new Uint8Array(0);
  private start = 0;
  private order = 0;
  private readonly runs = new WeakMap<object, Run[]>();

  /** Goes to the next frame, whose bytes begin at `bytes[start]`. */
  begin(bytes: Uint8Array, start: number, order: number): void {
    this.bytes = bytes;
    this.start = start;
    this.order = order;
  }

  /** Says that `from[start..end)` was copied to `to` at `at`. */
  copied(from: object, start: number, end: number, to: object, at = 0): void {
    let runs = this.runs.get(to);
    if (runs === undefined) {
      runs = [];
      this.runs.set(to, runs);
    }
    let next = at;
    for (const origin of this.find(from, start, end)) {
      runs.push({ ...origin, at: next });
      next += origin.length;
    }
  }

  /** Where `bytes[start..end)` comes from, in order; what is not known is left out. */
  find(bytes: object, start: number, end: number): Origin[] {
    if (end <= start) return [];
    if (bytes === this.bytes) return [{ order: this.order, offset: start - this.start, length: end - start }];
    const found: Origin[] = [];
    for (const run of [...(this.runs.get(bytes) ?? [])].sort((a, b) => a.at - b.at)) {
      const from = Math.max(start, run.at);
      const to = Math.min(end, run.at + run.length);
      if (from < to) found.push({ order: run.order, offset: run.offset + from - run.at, length: to - from });
    }
    return found;
  }
}

/** Is told of frames and their packets while they are read. */
export interface PacketObserver {
  readonly origins: Origins;
  /** A frame is about to be read; it is the `order`th over all inputs. */
  frame(frame: Frame, order: number): void;
  /** A packet of that frame, or a fragment of one, that counts: the innermost one, and no duplicate. */
  packet(packet: IpPacket): void;
}

/** Watches packets, and stands before what takes their payloads. */
export interface PayloadTrace extends PacketObserver {
  before(sink: TransportSink): TransportSink;
}
