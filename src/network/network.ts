/**
 * Frames → packets: peels link, IP and tunnel headers off a frame, puts fragments together and hands each packet to the transport
 * layer. Lengths come from the IP headers, not from what was captured, so that a frame cut by a snaplen is known to be short by how
 * much. Of a tunnel the inner packet counts. Frames that are not IP, whose headers are cut, or that were captured twice are counted.
 */
import type { Frame } from '../capture/frame.js';
import { MAX_TUNNELS, MAX_UNKNOWN_LINKS } from '../limits.js';
import { read16 } from '../xdr/bytes.js';
import { type NetworkCounts, newNetworkCounts, type UnknownLink } from './counts.js';
import { Duplicates } from './duplicates.js';
import type { FlowTable } from './flow.js';
import { contiguousLength, type Datagram, Fragments, LONGEST_PAYLOAD } from './fragments.js';
import { newIpPacket, readIpv4, readIpv6, skipExtensionHeaders } from './ip.js';
import { type LinkDecoder, linkDecoder } from './link/index.js';
import { IPV4, newLinkResult } from './link/link.js';
import { readUsualFrame } from './link/usual-frame.js';
import { decodeSubframe } from './link/wireless.js';
import type { PacketObserver } from './origins.js';
import { copyStamp, newStamp, type Stamp } from './stamp.js';
import { TCP, Transport, UDP, UDP_HEADER } from './transport.js';
import type { TransportSink } from './transport-sink.js';
import { IP_TUNNELS, UDP_TUNNELS } from './tunnel/index.js';

export type { NetworkCounts } from './counts.js';
export type { Carriage, TransportSink } from './transport-sink.js';

/** LINKTYPE_ETHERNET. */
const ETHERNET = 1;

export interface NetworkOptions {
  /** Hand on also what was captured before. */
  keepDuplicates?: boolean;
  observer?: PacketObserver | undefined;
  /** Flows of which all is known as objects. */
  awakeFlows?: number | undefined;
}

export class Network {
  readonly counts: NetworkCounts = newNetworkCounts();
  readonly flows: FlowTable;
  readonly fragments: Fragments;
  private readonly transport: Transport;
  private readonly link = newLinkResult();
  private linkType = -1;
  private linkDecode: LinkDecoder | undefined;
  private readonly packet = newIpPacket();
  private readonly duplicates = new Duplicates();
  /** By file and link type. */
  private readonly unknownLinks = new Map<number, Map<number, UnknownLink>>();
  /** How many tunnels the packet being read is in, and the VLAN and place of its frame. */
  private depth = 0;
  private vlan = -1;
  private place = 0;

  /** @param now The stamp of the frame being read, kept up to date for who shares it. */
  constructor(
    sink: TransportSink,
    readonly now: Stamp = newStamp(),
    private readonly options: NetworkOptions = {},
  ) {
    const origins = options.observer?.origins ?? null;
    this.transport = new Transport(sink, this.counts, now, origins, options.awakeFlows);
    this.flows = this.transport.flows;
    this.fragments = new Fragments((datagram) => this.deliverLost(datagram), origins);
  }

  /** Takes the next frame; `file` is the index of the input it came from. */
  frame(frame: Frame, file: number): void {
    const { now, link } = this;
    now.frame = frame.number;
    now.order = this.counts.frames;
    now.seconds = frame.seconds;
    now.nanoseconds = frame.nanoseconds;
    now.file = file;
    now.interfaceIndex = frame.interfaceIndex;
    this.counts.frames++;
    this.options.observer?.frame(frame, now.order);
    if (frame.linkType !== this.linkType) {
      this.linkType = frame.linkType;
      this.linkDecode = linkDecoder(frame.linkType);
    }
    if (frame.linkType === ETHERNET && readUsualFrame(frame.bytes, frame.start, frame.end, this.packet)) {
      this.vlan = -1;
      this.place = 0;
      this.deliver(null);
      return;
    }
    if (this.linkDecode === undefined) {
      this.countUnknownLink(frame, file);
      return;
    }
    link.next = -1;
    link.place = 0;
    link.refusal = 'notIp';
    this.linked(this.linkDecode, frame, frame.start);
    while (link.next >= 0) this.linked(decodeSubframe, frame, link.next);
  }

  /** Ends everything that is still open: holes are declared, incomplete datagrams and streams handed on. */
  finish(): void {
    for (const _ of this.finishing());
  }

  /** The same in steps, one a connection. */
  *finishing(): Generator<undefined> {
    this.fragments.finish();
    yield;
    yield* this.transport.finishing();
  }

  private linked(decode: LinkDecoder, frame: Frame, start: number): void {
    const { link } = this;
    if (!decode(frame.bytes, start, frame.end, link)) {
      this.counts[link.refusal]++;
      return;
    }
    // What the wire carried beyond the captured bytes; link trailers are excluded by the IP length.
    const wireEnd = frame.end + Math.max(0, frame.wireLength - (frame.end - frame.start));
    this.vlan = link.vlan;
    this.place = link.place;
    this.ip(link.etherType, frame.bytes, link.offset, frame.end, wireEnd);
  }

  private countUnknownLink({ linkType, number }: Frame, file: number): void {
    const links = this.unknownLinks.get(file) ?? new Map<number, UnknownLink>();
    this.unknownLinks.set(file, links);
    const known = links.get(linkType);
    if (known !== undefined) known.frames++;
    else if (links.size === MAX_UNKNOWN_LINKS) this.counts.notIp++;
    else {
      const link = { file, linkType, firstFrame: number, frames: 1 };
      links.set(linkType, link);
      this.counts.unknownLinks.push(link);
    }
  }

  private ip(etherType: number, bytes: Uint8Array, at: number, end: number, wireEnd: number): void {
    const { packet } = this;
    const isRead =
      etherType === IPV4 ? readIpv4(bytes, at, end, wireEnd, packet) : readIpv6(bytes, at, end, wireEnd, packet);
    if (!isRead) this.counts.damaged++;
    else if (packet.moreFragments || packet.fragmentOffset > 0) this.fragment();
    else this.deliver(null);
  }

  /** The packet is whole, or all that is left of it. */
  private deliver(fragments: Datagram | null): void {
    const { packet } = this;
    if (packet.protocol !== TCP && (packet.protocol === UDP ? this.isUdpTunnel() : this.isIpTunnel())) return;
    const isDuplicate = this.isDuplicate();
    const isFuller = isDuplicate && this.isFuller();
    if (isDuplicate && !isFuller && !this.options.keepDuplicates) return;
    if (fragments === null) this.options.observer?.packet(packet);
    this.transport.deliver(packet, fragments, isDuplicate, isFuller);
  }

  /** True for a duplicate that has what a shorter snaplen cut off the first. The first such one tells that there are some. */
  private isFuller(): boolean {
    const { protocol } = this.packet;
    if (!this.duplicates.isFuller || this.options.keepDuplicates || (protocol !== TCP && protocol !== UDP))
      return false;
    const { expectsFuller } = this.transport;
    this.transport.expectsFuller = true;
    return expectsFuller;
  }

  private isDuplicate(): boolean {
    const place = ((this.place << 12) + this.vlan + 1) * (MAX_TUNNELS + 1) + this.depth;
    if (!this.duplicates.has(this.packet, this.now, place)) return false;
    this.counts.duplicateFrames++;
    return true;
  }

  private isIpTunnel(): boolean {
    const decode = IP_TUNNELS.get(this.packet.protocol);
    return decode !== undefined && this.tunnel(decode, this.packet.start);
  }

  private isUdpTunnel(): boolean {
    const { bytes, start, end } = this.packet;
    if (end - start <= UDP_HEADER) return false;
    const decode = UDP_TUNNELS.get(read16(bytes, start + 2));
    return decode !== undefined && this.tunnel(decode, start + UDP_HEADER);
  }

  /** Reads the inner packet of a tunnel that begins at `start`. False: there is none, so the outer one stands for itself. */
  private tunnel(decode: LinkDecoder, start: number): boolean {
    const { packet, link } = this;
    const { bytes, end } = packet;
    if (this.depth >= MAX_TUNNELS || !decode(bytes, start, end, link)) return false;
    if (bytes[link.offset] >> 4 !== (link.etherType === IPV4 ? 4 : 6)) return false;
    this.depth++;
    this.ip(link.etherType, bytes, link.offset, end, Math.max(end, packet.start + packet.length));
    this.depth--;
    return true;
  }

  private fragment(): void {
    const { packet } = this;
    const stop = packet.fragmentOffset + packet.length;
    if (packet.length <= 0 || packet.start > packet.end || stop > LONGEST_PAYLOAD) {
      this.counts.damaged++;
      return;
    }
    if (this.isDuplicate() && !this.options.keepDuplicates) return;
    this.options.observer?.packet(packet);
    const { bytes, addresses } = packet;
    const whole = this.fragments.add(
      bytes.subarray(addresses, addresses + packet.addressLength * 2),
      packet.protocol,
      packet.identification,
      packet.fragmentOffset,
      packet.moreFragments,
      bytes,
      packet.start,
      packet.end,
      packet.length,
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
    const { packet } = this;
    const { addresses, length } = datagram;
    const contiguous = contiguousLength(datagram);
    const end = length < 0 ? contiguous : Math.min(contiguous, length);
    if (end === 0) return;
    packet.bytes = Buffer.concat([addresses, datagram.bytes.subarray(0, end)]);
    this.options.observer?.origins.copied(datagram, 0, end, packet.bytes, addresses.length);
    packet.addresses = 0;
    packet.addressLength = addresses.length / 2;
    packet.protocol = datagram.protocol;
    // Its fragments were looked at already, each by itself.
    packet.identification = 0;
    packet.fragmentOffset = 0;
    packet.moreFragments = false;
    packet.start = addresses.length;
    packet.end = packet.bytes.length;
    packet.length = length;
    skipExtensionHeaders(packet);
    this.deliver(datagram);
  }
}
