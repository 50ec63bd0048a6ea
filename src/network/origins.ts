/**
 * Where copied bytes come from. Who writes frames anew (`--anonymize`) must know in which frame each byte of a
 * payload lies, and where in it. Kept only on request. A payload in one frame lies there as it was captured;
 * fragments and segments that waited were copied.
 */
import type { Frame } from '../capture/frame.js';
import type { IpPacket } from './ip.js';
import type { TransportSink } from './transport-sink.js';

/** A run of bytes of a frame: `order` is the frame's place over all inputs, `offset` counts from its first byte. */
export interface Origin {
  order: number;
  offset: number;
  length: number;
}

/** The same, with the place of its copy. */
interface Run extends Origin {
  at: number;
}

export class Origins {
  private bytes: Uint8Array = new Uint8Array(0);
  private start = 0;
  private order = 0;
  private readonly runs = new WeakMap<object, Run[]>();

  /** Begins the next frame, whose bytes start at `bytes[start]`. */
  begin(bytes: Uint8Array, start: number, order: number): void {
    this.bytes = bytes;
    this.start = start;
    this.order = order;
  }

  /** Notes that `from[start..end)` was copied to `to`, from its index `at` on. */
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

  /** Whether these are the bytes of the current frame, not a copy. */
  isFrame(bytes: object): boolean {
    return bytes === this.bytes;
  }

  /** Where `bytes[start..end)` comes from, in order. Bytes of unknown origin are left out. */
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

/** Is told of frames and packets as they are read. */
export interface PacketObserver {
  readonly origins: Origins;
  /** A frame is about to be read; it is the `order`th over all inputs. */
  frame(frame: Frame, order: number): void;
  /** A packet of that frame, or a fragment of one: the innermost, and not a duplicate. */
  packet(packet: IpPacket): void;
}

/** Watches packets, and wraps the sink that takes their payloads. */
export interface PayloadTrace extends PacketObserver {
  before(sink: TransportSink): TransportSink;
}
