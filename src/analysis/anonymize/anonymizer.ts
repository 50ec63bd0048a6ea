/**
 * Makes new frames for `-w` with `--anonymize`. While a capture is read, it keeps a copy of each packet
 * without its payload, and fills in the anonymized bytes of messages. So bytes that are not known to belong to
 * a message are never written: other bytes of a stream, frames that are not RPC, bytes after a packet. Copies
 * are written in the order of their frames, the oldest when the store reaches its bound. If a frame was
 * written before its message was complete, the message's bytes in it stay zero, and the message is counted.
 */
import type { Frame } from '../../capture/frame.js';
import type { Dissection } from '../../dissect/dissection.js';
import type { Dissector } from '../../dissect/dissector.js';
import { ANONYMIZED_FRAME_OVERHEAD, MAX_ANONYMIZED_FRAME_BYTES } from '../../limits/export.js';
import type { Flow } from '../../network/flow.js';
import type { IpPacket } from '../../network/ip.js';
import { Origins, type PayloadTrace } from '../../network/origins.js';
import { TCP, UDP } from '../../network/protocols.js';
import type { Rest } from '../../network/rest.js';
import type { StreamSink } from '../../network/stream.js';
import { UDP_HEADER } from '../../network/transport.js';
import type { TransportSink } from '../../network/transport-sink.js';
import type { Message } from '../../rpc/message.js';
import { read16 } from '../../xdr/bytes.js';
import { addWords, pseudoHeader, writeUdpChecksum } from './checksums.js';
import { MessageCopy } from './message-copy.js';
import { PacketCopy, tcpHeaderLength } from './packet-copy.js';
import { type Packets, StreamTrace } from './stream-trace.js';
import { Substitutes } from './substitutes.js';

/**
 * Frames kept although they are filled in, because parts of them may
 * be sent again: more than a burst (64 segments, NAPI's budget).
 */
const KEPT_FRAMES = 256;

const NOTHING = new Uint8Array(0);

export class Anonymizer implements PayloadTrace, Packets {
  readonly origins = new Origins();
  /** Messages that could not be filled in completely, because a frame had been written before. */
  incomplete = 0;
  private readonly substitutes: Substitutes;
  private messages: MessageCopy | null = null;
  private current!: Frame;
  private currentOrder = 0;
  private stored: PacketCopy[] = [];
  private readonly byOrder = new Map<number, PacketCopy[]>();
  private storedBytes = 0;
  /** Frames before this one have been written. */
  firstOrder = 0;
  /** Streams with bytes in stored frames. */
  private readonly streams = new Set<StreamTrace>();
  /** The stream whose bytes are being read; null: a datagram. */
  private stream: StreamTrace | null = null;
  /** Packets that were not written, because their tunnel's packet came in fragments. */
  leftOut = 0;
  /** Where the payload of the current segment begins in the frame's buffer. */
  payloadStart = 0;

  /**
   * @param key 32 bytes.
   * @param isWanted Whether a frame may be written; null: unknown until the frames are written.
   * @param write Takes a finished frame.
   */
  constructor(
    key: Uint8Array,
    private readonly isWanted: ((order: number) => boolean) | null,
    private readonly write: (frame: Frame, order: number) => void,
  ) {
    this.substitutes = new Substitutes(key);
  }

  // What is read

  frame(frame: Frame, order: number): void {
    this.current = frame;
    this.currentOrder = order;
    this.origins.begin(frame.bytes, frame.start, order);
  }

  packet(packet: IpPacket): void {
    const { current, currentOrder } = this;
    if (this.isWanted?.(currentOrder) === false) return;
    // If the packet of a tunnel came in fragments, the inner packet is in no single frame.
    if (packet.bytes !== current.bytes) {
      this.leftOut++;
      return;
    }
    if (packet.protocol === TCP) this.payloadStart = packet.start + tcpHeaderLength(packet.bytes, packet.start);
    const copy = new PacketCopy(current, packet, currentOrder, this.substitutes.addresses);
    const others = this.byOrder.get(currentOrder);
    if (others === undefined) this.byOrder.set(currentOrder, [copy]);
    else others.push(copy);
    this.stored.push(copy);
    this.storedBytes += sizeOf(copy);
    if (this.storedBytes > MAX_ANONYMIZED_FRAME_BYTES) this.release(MAX_ANONYMIZED_FRAME_BYTES / 2);
    else if (this.isWanted !== null && this.stored.length >= 2 * KEPT_FRAMES) this.releaseDone();
  }

  before(sink: TransportSink): TransportSink {
    return {
      datagram: (...datagram) => {
        this.stream = null;
        return sink.datagram(...datagram);
      },
      open: (flow: Flow) => new StreamTrace(flow, sink.open(flow), this),
      ...(sink.reopen && { reopen: (flow: Flow, rest: Rest) => this.reopen(flow, sink.reopen!(flow, rest), rest) }),
      quoted: (...quoted) => sink.quoted?.(...quoted),
    };
  }

  /** To be called for every message, while its bytes are valid. */
  message(dissection: Dissection, dissector: Dissector): void {
    this.messages ??= new MessageCopy(dissector, this.substitutes);
    const { message } = dissection;
    const copy = this.isNeeded(message) ? this.messages.make(dissection) : NOTHING;
    const isWhole = this.stream === null ? this.putDatagram(message, copy) : this.stream.put(message, copy);
    if (!isWhole) this.incomplete++;
  }

  /** False if all frames that carried the message have been written, or are not wanted. */
  private isNeeded({ frameCount, carriers, order }: Message): boolean {
    return this.isStored(order) || (frameCount > 1 && carriers.some((each) => this.isStored(each)));
  }

  /** Writes the frames that are left. */
  finish(): void {
    this.release(0);
  }

  // Packets

  enter(stream: StreamTrace): void {
    this.stream = stream;
  }

  follow(stream: StreamTrace): void {
    this.streams.add(stream);
  }

  leave(stream: StreamTrace): void {
    this.streams.delete(stream);
  }

  isStored(order: number): boolean {
    return this.byOrder.has(order);
  }

  put(order: number, offset: number, bytes: Uint8Array, from: number, to: number): void {
    const copies = this.byOrder.get(order);
    if (copies !== undefined) for (const copy of copies) copy.put(offset, bytes, from, to);
  }

  get(order: number, offset: number, length: number): Uint8Array {
    return this.byOrder.get(order)?.[0].get(offset, length) ?? new Uint8Array(0);
  }

  /** Continues a stream that was put to rest; some of its frames may have been written since. */
  private reopen(flow: Flow, sink: StreamSink, rest: Rest): StreamTrace {
    const stream = new StreamTrace(flow, sink, this);
    stream.keepAtRest(rest);
    if (stream.forget()) this.follow(stream);
    return stream;
  }

  private putDatagram(message: Message, copy: Uint8Array): boolean {
    const { bytes, start, end } = message;
    let at = 0;
    let isWhole = true;
    for (const { order, offset, length } of this.origins.find(bytes, start, end)) {
      if (order < this.firstOrder && this.isWanted?.(order) !== false) isWhole = false;
      this.put(order, offset, copy, at, at + length);
      at += length;
    }
    if (message.frameCount > 1 && !message.isTruncated) this.putDatagramChecksum(message, copy);
    return isWhole;
  }

  /** The checksum of a fragmented datagram. In the reassembled bytes both addresses stand before the UDP header. */
  private putDatagramChecksum({ bytes, start, length }: Message, copy: Uint8Array): void {
    const header = Uint8Array.from(bytes.subarray(start - UDP_HEADER, start));
    const [origin] = this.origins.find(bytes, start - 2, start);
    const { addresses } = this.substitutes;
    const size = bytes.subarray(0, start).length - UDP_HEADER > 8 ? 16 : 4;
    if (origin === undefined || (read16(header, 6) === 0 && size === 4)) return;
    header[6] = header[7] = 0;
    const hosts = [addresses.ip(bytes.slice(0, size)), addresses.ip(bytes.slice(size, 2 * size))];
    const sum = hosts.reduce(
      (total, host) => addWords(host, 0, size, total),
      pseudoHeader(new Uint8Array(0), UDP, UDP_HEADER + length),
    );
    writeUdpChecksum(header, 6, addWords(copy, 0, copy.length, addWords(header, 0, UDP_HEADER, sum)));
    this.put(origin.order, origin.offset, header, 6, UDP_HEADER);
  }

  /** Writes the oldest packets that are filled in: short-lived objects cost little. */
  private releaseDone(): void {
    let done = 0;
    while (done < this.stored.length - KEPT_FRAMES && this.stored[done].missing <= 0) done++;
    if (done > 0) this.releaseFirst(done);
  }

  /** Writes the oldest packets until at most `limit` bytes are left. */
  private release(limit: number): void {
    let gone = 0;
    let left = this.storedBytes;
    while (gone < this.stored.length && left > limit) left -= sizeOf(this.stored[gone++]);
    this.releaseFirst(gone);
  }

  private releaseFirst(count: number): void {
    for (const copy of this.stored.splice(0, count)) {
      this.storedBytes -= sizeOf(copy);
      this.byOrder.delete(copy.order);
      this.firstOrder = copy.order + 1;
      copy.finish();
      this.write(copy.frame, copy.order);
    }
    for (const stream of this.streams) if (!stream.forget()) this.streams.delete(stream);
  }
}

function sizeOf({ frame }: PacketCopy): number {
  return frame.end + ANONYMIZED_FRAME_OVERHEAD;
}
