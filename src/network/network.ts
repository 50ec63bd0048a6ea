/**
 * Frames → payloads: peels link, IPv4 (RFC 791) or IPv6 (RFC 8200) and UDP (RFC 768) or TCP headers off a frame and hands
 * datagrams and stream bytes on. Lengths come from the IP and transport headers, not from what was captured, so that a
 * frame cut by a snaplen is known to be short by how much. Frames that are not IP, or whose headers are cut, are counted.
 */
import type { Frame } from '../capture/frame.js';
import { MAX_EXTENSION_HEADERS, MAX_UNKNOWN_LINKS } from '../limits.js';
import { read16, read32 } from '../xdr/bytes.js';
import { type Direction, type Flow, FlowTable } from './flow.js';
import { contiguousLength, type Datagram, Fragments, isWhole } from './fragments.js';
import { type LinkDecoder, type LinkResult, linkDecoder } from './link/index.js';
import { copyStamp, newStamp, type Stamp } from './stamp.js';
import { type Segment, type StreamSink, SYN, TcpConnection, type TcpContext } from './tcp.js';

const TCP = 6;
const UDP = 17;

/** Frames that carried an IP datagram: more than one when it came in fragments; the time is that of the first. */
export interface Carriage {
  firstFrame: number;
  frames: number;
  seconds: number;
  nanoseconds: number;
  /** A fragment never came, so the receiver had no datagram either. */
  lost: boolean;
}

/** Takes what the network layer finds. Bytes hold until the call returns. */
export interface TransportSink {
  /** A UDP payload `bytes[start..end)` whose length on the wire is `length` (-1: its end was lost, and the length with it). */
  datagram(
    flow: Flow,
    direction: Direction,
    bytes: Uint8Array,
    start: number,
    end: number,
    length: number,
    carriage: Carriage,
  ): void;
  /** A TCP connection (incarnation) appears with its first segment. */
  open(flow: Flow): StreamSink;
}

/** Frames of one file that could not be read for their link type. */
export interface UnknownLink {
  file: number;
  linkType: number;
  firstFrame: number;
  frames: number;
}

export interface NetworkCounts {
  frames: number;
  /** Not IP: ARP, LLDP, unknown link payloads … */
  notIp: number;
  /** IP of other protocols than UDP and TCP. */
  otherProtocols: number;
  /** Headers that were cut or contradict themselves. */
  damaged: number;
  /** Frames of link types without a decoder. */
  unknownLinks: UnknownLink[];
  retransmittedSegments: number;
  missingBytes: number;
  holes: number;
}

export class Network {
  readonly counts: NetworkCounts = {
    frames: 0,
    notIp: 0,
    otherProtocols: 0,
    damaged: 0,
    unknownLinks: [],
    retransmittedSegments: 0,
    missingBytes: 0,
    holes: 0,
  };
  readonly flows: FlowTable;
  readonly fragments: Fragments;
  private readonly tcp: TcpContext;
  private readonly link: LinkResult = { etherType: 0, offset: 0, vlan: -1 };
  private linkType = -1;
  private linkDecode: LinkDecoder | undefined;
  private readonly carriage: Carriage = { firstFrame: 0, frames: 0, seconds: 0, nanoseconds: 0, lost: false };
  private readonly segment: Segment = {
    sequence: 0,
    acknowledgement: 0,
    flags: 0,
    bytes: new Uint8Array(0),
    start: 0,
    end: 0,
    length: 0,
  };

  /** @param now The stamp of the frame being read, kept up to date for who shares it. */
  constructor(
    private readonly sink: TransportSink,
    readonly now: Stamp = newStamp(),
  ) {
    this.flows = new FlowTable((flow) => {
      if (flow.state instanceof TcpConnection) flow.state.end('evicted');
    });
    this.fragments = new Fragments((datagram) => this.deliverLost(datagram));
    this.tcp = { now: this.now, open: (flow) => sink.open(flow), waitingBytes: 0, counts: this.counts };
  }

  /** Takes the next frame; `file` is the index of the input it came from. */
  frame(frame: Frame, file: number): void {
    const now = this.now;
    now.frame = frame.number;
    now.order = this.counts.frames;
    now.seconds = frame.seconds;
    now.nanoseconds = frame.nanoseconds;
    now.file = file;
    now.interfaceIndex = frame.interfaceIndex;
    this.counts.frames++;
    if (frame.linkType !== this.linkType) {
      this.linkType = frame.linkType;
      this.linkDecode = linkDecoder(frame.linkType);
    }
    if (this.linkDecode === undefined) {
      this.countUnknownLink(frame, file);
    } else if (!this.linkDecode(frame.bytes, frame.start, frame.end, this.link)) {
      this.counts.notIp++;
    } else {
      // What the wire carried beyond the captured bytes; link trailers are excluded by the IP length.
      const wireEnd = frame.end + Math.max(0, frame.wireLength - (frame.end - frame.start));
      if (this.link.etherType === 0x0800) this.ipv4(frame.bytes, this.link.offset, frame.end, wireEnd);
      else if (this.link.etherType === 0x86dd) this.ipv6(frame.bytes, this.link.offset, frame.end, wireEnd);
      else this.counts.notIp++;
    }
  }

  private countUnknownLink(frame: Frame, file: number): void {
    const { unknownLinks } = this.counts;
    const known = unknownLinks.find((link) => link.file === file && link.linkType === frame.linkType);
    if (known !== undefined) known.frames++;
    else if (unknownLinks.length < MAX_UNKNOWN_LINKS) {
      unknownLinks.push({ file, linkType: frame.linkType, firstFrame: frame.number, frames: 1 });
    }
  }

  /** Ends everything that is still open: holes are declared, incomplete datagrams and streams handed on. */
  finish(): void {
    this.fragments.finish();
    for (const flow of this.flows.values()) if (flow.state instanceof TcpConnection) flow.state.end('input_end');
  }

  private ipv4(bytes: Uint8Array, at: number, end: number, wireEnd: number): void {
    const headerLength = (bytes[at] & 15) * 4;
    if (end - at < 20 || bytes[at] >> 4 !== 4 || headerLength < 20 || at + headerLength > end) {
      this.counts.damaged++;
      return;
    }
    // Segmentation offload leaves the total length 0: then the frame's own length counts.
    const totalLength = read16(bytes, at + 2);
    const packetEnd = totalLength === 0 ? wireEnd : at + totalLength;
    const payload = at + headerLength;
    const fragment = read16(bytes, at + 6);
    const captured = Math.min(end, packetEnd);
    if ((fragment & 0x3fff) === 0) {
      this.transport(bytes, at + 12, 4, bytes[at + 9], payload, captured, packetEnd - payload, null);
      return;
    }
    this.fragment(
      bytes.subarray(at + 12, at + 20),
      bytes[at + 9],
      read16(bytes, at + 4),
      (fragment & 0x1fff) * 8,
      (fragment & 0x2000) !== 0,
      bytes,
      payload,
      captured,
      packetEnd - payload,
    );
  }

  private ipv6(bytes: Uint8Array, at: number, end: number, wireEnd: number): void {
    if (end - at < 40 || bytes[at] >> 4 !== 6) {
      this.counts.damaged++;
      return;
    }
    const payloadLength = read16(bytes, at + 4);
    const packetEnd = payloadLength === 0 ? wireEnd : at + 40 + payloadLength;
    const captured = Math.min(end, packetEnd);
    let next = bytes[at + 6];
    let offset = at + 40;
    for (let i = 0; i < MAX_EXTENSION_HEADERS && offset + 8 <= captured; i++) {
      if (next === 44) {
        this.ipv6Fragment(bytes, at, offset, captured, packetEnd);
        return;
      }
      // Hop-by-hop, routing and destination options count their length in units of 8 beyond the first; AH in units of 4.
      if (next === 0 || next === 43 || next === 60) {
        next = bytes[offset];
        offset += 8 + bytes[offset + 1] * 8;
      } else if (next === 51) {
        next = bytes[offset];
        offset += 8 + bytes[offset + 1] * 4;
      } else break;
    }
    this.transport(bytes, at + 8, 16, next, offset, captured, packetEnd - offset, null);
  }

  private ipv6Fragment(bytes: Uint8Array, at: number, header: number, captured: number, packetEnd: number): void {
    const word = read16(bytes, header + 2);
    const payload = header + 8;
    // An atomic fragment (RFC 6946) is a whole datagram.
    if ((word & 0xfff9) === 0) {
      this.transport(bytes, at + 8, 16, bytes[header], payload, captured, packetEnd - payload, null);
      return;
    }
    this.fragment(
      bytes.subarray(at + 8, at + 40),
      bytes[header],
      read32(bytes, header + 4),
      word & 0xfff8,
      (word & 1) !== 0,
      bytes,
      payload,
      captured,
      packetEnd - payload,
    );
  }

  private fragment(
    addresses: Uint8Array,
    protocol: number,
    identification: number,
    offset: number,
    more: boolean,
    bytes: Uint8Array,
    start: number,
    end: number,
    length: number,
  ): void {
    if (length <= 0 || start > end) {
      this.counts.damaged++;
      return;
    }
    const whole = this.fragments.add(
      addresses,
      protocol,
      identification,
      offset,
      more,
      bytes,
      start,
      end,
      length,
      this.now,
    );
    if (whole !== null) this.deliverFragments(whole);
  }

  /** A datagram that stayed incomplete belongs to its own last frame, not to the one that ended the wait. */
  private deliverLost(datagram: Datagram): void {
    const now = { ...this.now };
    copyStamp(datagram.last, this.now);
    this.deliverFragments(datagram);
    copyStamp(now, this.now);
  }

  private deliverFragments(datagram: Datagram): void {
    const end = contiguousLength(datagram);
    if (end === 0) return;
    const addressLength = datagram.addresses.length;
    const bytes = Buffer.concat([datagram.addresses, datagram.bytes.subarray(0, end)]);
    const length = datagram.length < 0 ? -1 : datagram.length;
    this.transport(bytes, 0, addressLength / 2, datagram.protocol, addressLength, bytes.length, length, datagram);
  }

  /** `length` is the IP payload's length on the wire, -1 when the fragment that told it was lost. */
  private transport(
    bytes: Uint8Array,
    addresses: number,
    addressLength: number,
    protocol: number,
    at: number,
    end: number,
    length: number,
    fragments: Datagram | null,
  ): void {
    if (protocol === TCP) this.tcpSegment(bytes, addresses, addressLength, at, end, length);
    else if (protocol === UDP) this.udpDatagram(bytes, addresses, addressLength, at, end, fragments);
    else this.counts.otherProtocols++;
  }

  private udpDatagram(
    bytes: Uint8Array,
    addresses: number,
    addressLength: number,
    at: number,
    end: number,
    fragments: Datagram | null,
  ): void {
    const length = read16(bytes, at + 4);
    if (end - at < 8 || (length < 8 && length !== 0)) {
      this.counts.damaged++;
      return;
    }
    const flow = this.lookup(bytes, addresses, addressLength, at, UDP);
    const carriage = this.carriage;
    carriage.firstFrame = fragments?.firstFrame ?? this.now.frame;
    carriage.frames = fragments?.frames ?? 1;
    carriage.seconds = fragments?.seconds ?? this.now.seconds;
    carriage.nanoseconds = fragments?.nanoseconds ?? this.now.nanoseconds;
    carriage.lost = fragments !== null && !isWhole(fragments);
    const stop = length === 0 ? end : Math.min(end, at + length);
    this.sink.datagram(
      flow,
      this.flows.direction,
      bytes,
      at + 8,
      stop,
      length === 0 ? stop - at - 8 : length - 8,
      carriage,
    );
  }

  private tcpSegment(
    bytes: Uint8Array,
    addresses: number,
    addressLength: number,
    at: number,
    end: number,
    length: number,
  ): void {
    const headerLength = end - at >= 20 ? (bytes[at + 12] >> 4) * 4 : 0;
    if (headerLength < 20 || headerLength > length) {
      this.counts.damaged++;
      return;
    }
    const flow = this.lookup(bytes, addresses, addressLength, at, TCP);
    const segment = this.segment;
    segment.sequence = read32(bytes, at + 4) | 0;
    segment.acknowledgement = read32(bytes, at + 8) | 0;
    segment.flags = bytes[at + 13];
    segment.bytes = bytes;
    segment.start = Math.min(at + headerLength, end);
    segment.end = end;
    segment.length = length - headerLength;
    this.connection(flow, segment).segment(this.flows.direction, segment);
  }

  /** The incarnation that a segment belongs to. */
  private connection(flow: Flow, segment: Segment): TcpConnection {
    const connection = flow.state as TcpConnection | null;
    if (connection !== null) {
      const direction = this.flows.direction;
      if (
        connection.isEnded
          ? connection.isAfterEnd(direction, segment) && (segment.flags & SYN) === 0
          : !connection.isReplacedBy(direction, segment)
      ) {
        return connection;
      }
      connection.end('replaced');
    }
    const opened = new TcpConnection(flow, this.tcp);
    flow.state = opened;
    return opened;
  }

  private lookup(bytes: Uint8Array, addresses: number, length: number, at: number, protocol: number): Flow {
    return this.flows.lookup(
      bytes,
      addresses,
      addresses + length,
      length,
      read16(bytes, at),
      read16(bytes, at + 2),
      protocol,
    );
  }
}
