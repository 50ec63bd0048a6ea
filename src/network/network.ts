/**
 * Frames → packets: removes link, IP and tunnel headers, reassembles fragments and passes each packet to the
 * transport layer. Lengths come from the IP headers, not from what was captured, so that it is known how many
 * bytes a snaplen cut off. Of a tunnelled packet only the inner one counts. Frames that are not IP, have cut
 * headers or were captured before are counted.
 */
import type { Frame } from '../capture/frame.js';
import { ETHERNET } from '../capture/link-types.js';
import { MAX_TUNNELS, MAX_UNKNOWN_LINKS } from '../limits/network.js';
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
import { TCP, UDP } from './protocols.js';
import { readGlobalRoute, readLocalRoute } from './rdma/routing.js';
import { copyStamp, firstPlace, type Stamp } from './stamp.js';
import { Transport, UDP_HEADER } from './transport.js';
import type { TransportSink } from './transport-sink.js';
import { IP_TUNNELS, UDP_SERVER_TUNNELS, UDP_TUNNELS } from './tunnel/index.js';
import { isRpcHeader } from './tunnel/rpc-header.js';

export type { NetworkCounts } from './counts.js';
export type { Carriage, TransportSink } from './transport-sink.js';

export interface NetworkOptions {
  /** Pass on duplicate frames too. */
  keepDuplicates?: boolean;
  observer?: PacketObserver | undefined;
  /** Called before a TCP segment that came in IP fragments is read, with the orders of their frames. */
  onFragments?: ((orders: readonly number[]) => void) | undefined;
  /** Flows that are kept as objects. */
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
  /** By file, then by link type. */
  private readonly unknownLinks = new Map<number, Map<number, UnknownLink>>();
  /** Of the packet being read: how many tunnels it is in, and the VLAN and place of its frame. */
  private depth = 0;
  /** The frame being read. */
  private current: Frame | null = null;
  private vlan = -1;
  private place = 0;

  /** @param now The stamp of the frame being read; `frame` updates it for all who share it. */
  constructor(
    sink: TransportSink,
    readonly now: Stamp,
    private readonly options: NetworkOptions = {},
  ) {
    const origins = options.observer?.origins ?? null;
    this.transport = new Transport(sink, this.counts, now, () => this.countCut(), origins, options.awakeFlows);
    this.flows = this.transport.flows;
    this.fragments = new Fragments((datagram) => this.deliverLost(datagram), origins);
  }

  /** Reads the next frame; `file` is the index of its input. */
  frame(frame: Frame, file: number): void {
    const { now, link } = this;
    now.frame = frame.number;
    now.order = this.counts.frames;
    now.seconds = frame.seconds;
    now.nanoseconds = frame.nanoseconds;
    now.file = file;
    now.interfaceIndex = frame.interfaceIndex;
    this.counts.frames++;
    this.current = frame;
    this.options.observer?.frame(frame, now.order);
    if (frame.linkType !== this.linkType) {
      this.linkType = frame.linkType;
      this.linkDecode = linkDecoder(frame.linkType);
    }
    if (frame.linkType === ETHERNET && readUsualFrame(frame.bytes, frame.start, frame.end, this.packet)) {
      this.vlan = -1;
      this.place = 0;
      this.deliver(null, false);
      return;
    }
    if (this.linkDecode === undefined) {
      this.countUnknownLink(frame.linkType);
      return;
    }
    link.next = -1;
    link.place = 0;
    link.refusal = 'notIp';
    link.globalRoute = -1;
    link.localRoute = -1;
    link.unreadEtherType = -1;
    link.unreadLinkType = -1;
    this.linked(this.linkDecode, frame, frame.start);
    while (link.next >= 0) this.linked(decodeSubframe, frame, link.next);
  }

  /** Flows and RDMA connections that were forgotten because there were too many. */
  get evictedFlows(): number {
    return this.flows.evicted + this.transport.queuePairs.evicted;
  }

  /** Ends all that is still open: declares holes, passes on incomplete datagrams, ends streams. */
  finish(): void {
    for (const _ of this.finishing());
  }

  /** The same in steps, one for each connection. */
  *finishing(): Generator<undefined> {
    this.fragments.finish();
    yield;
    yield* this.transport.finishing();
  }

  private linked(decode: LinkDecoder, frame: Frame, start: number): void {
    const { link } = this;
    link.vlan = -1;
    link.layers = 0;
    if (!decode(frame.bytes, start, frame.end, link)) {
      this.countRefused();
      this.rdma(frame);
      return;
    }
    // Where the frame ended on the wire. The IP length excludes a trailer of the link.
    const wireEnd = frame.end + Math.max(0, frame.wireLength - (frame.end - frame.start));
    this.vlan = link.vlan;
    this.place = link.place;
    this.ip(link.etherType, frame.bytes, link.offset, frame.end, wireEnd, null);
  }

  /** Takes a frame that holds RDMA instead of IP, if it does. */
  private rdma({ bytes, end }: Frame): void {
    const { packet } = this;
    const { globalRoute, localRoute } = this.link;
    const isRead =
      globalRoute >= 0
        ? readGlobalRoute(bytes, globalRoute, end, packet)
        : localRoute >= 0 && readLocalRoute(bytes, localRoute, end, packet);
    if (isRead) this.transport.rdma(packet, packet.start, packet.end, packet.start + packet.length);
  }

  private countRefused(): void {
    const { refusal, unreadLinkType, unreadEtherType: etherType } = this.link;
    if (refusal === 'cutHeaders') this.countCut();
    else if (refusal === 'notIp' && unreadLinkType >= 0) this.countUnknownLink(unreadLinkType);
    else this.counts[refusal]++;
    if (refusal !== 'notIp' || etherType < 0) return;
    const { etherTypes } = this.counts;
    const frames = etherTypes.get(etherType) ?? 0;
    if (frames > 0 || etherTypes.size < MAX_UNKNOWN_LINKS) etherTypes.set(etherType, frames + 1);
  }

  /** The frame was cut within its headers. */
  private countCut(): void {
    const { counts, current, now } = this;
    counts.cutHeaders++;
    counts.firstCut ??= { ...firstPlace(null, now), captured: current === null ? 0 : current.end - current.start };
  }

  private countUnknownLink(linkType: number): void {
    const { file, frame: number } = this.now;
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

  /** @param fragments The datagram of the tunnel around the packet, if it came in several frames. */
  private ip(
    etherType: number,
    bytes: Uint8Array,
    at: number,
    end: number,
    wireEnd: number,
    fragments: Datagram | null,
  ): void {
    const { packet } = this;
    const isRead =
      etherType === IPV4 ? readIpv4(bytes, at, end, wireEnd, packet) : readIpv6(bytes, at, end, wireEnd, packet);
    if (!isRead) {
      if (end < wireEnd) this.countCut();
      else this.counts.damaged++;
    } else if (packet.moreFragments || packet.fragmentOffset > 0) this.fragment();
    else this.deliver(fragments, false);
  }

  /**
   * Passes on a packet that is complete, or as complete as its fragments are.
   * @param fragments The datagram in which it came: its own (`isReassembled`) or that of a tunnel around it.
   */
  private deliver(fragments: Datagram | null, isReassembled: boolean): void {
    const { packet } = this;
    if (packet.protocol !== TCP && (packet.protocol === UDP ? this.isUdpTunnel(fragments) : this.isIpTunnel(fragments)))
      return;
    const isDuplicate = fragments?.isDuplicate || this.isDuplicate();
    const isFuller = isDuplicate && this.isFuller();
    if (isDuplicate && !isFuller && !this.options.keepDuplicates) return;
    if (!isReassembled) this.options.observer?.packet(packet);
    if (fragments !== null && packet.protocol === TCP) this.options.onFragments?.(fragments.orders);
    this.transport.deliver(packet, fragments, isDuplicate, isFuller);
  }

  /**
   * True for a duplicate with bytes that a shorter snaplen cut off the first copy. The first such duplicate is not
   * used: it only tells the transport layer to expect more.
   */
  private isFuller(): boolean {
    const { protocol } = this.packet;
    if (!this.duplicates.isFuller || this.options.keepDuplicates || (protocol !== TCP && protocol !== UDP))
      return false;
    const { expectsFuller } = this.transport;
    this.transport.expectsFuller = true;
    return expectsFuller;
  }

  private isDuplicate(): boolean {
    const place = Math.imul(this.place, 0x85ebca6b) + (this.vlan + 1) * (MAX_TUNNELS + 1) + this.depth;
    if (!this.duplicates.has(this.packet, this.now, place)) return false;
    this.counts.duplicateFrames++;
    return true;
  }

  private isIpTunnel(fragments: Datagram | null): boolean {
    const decode = IP_TUNNELS.get(this.packet.protocol);
    return decode !== undefined && this.tunnel(decode, this.packet.start, fragments);
  }

  private isUdpTunnel(fragments: Datagram | null): boolean {
    const { bytes, start, end } = this.packet;
    if (end - start <= UDP_HEADER) return false;
    const decode = UDP_TUNNELS.get(read16(bytes, start + 2)) ?? UDP_SERVER_TUNNELS.get(read16(bytes, start));
    if (decode === undefined || isRpcHeader(bytes, start + UDP_HEADER, end)) return false;
    return this.tunnel(decode, start + UDP_HEADER, fragments);
  }

  /** Reads the inner packet of the tunnel header at `start`. False: there is none, so the outer packet counts. */
  private tunnel(decode: LinkDecoder, start: number, fragments: Datagram | null): boolean {
    const { packet, link } = this;
    const { bytes, end } = packet;
    link.layers = 0;
    if (this.depth >= MAX_TUNNELS || !decode(bytes, start, end, link)) return false;
    if (bytes[link.offset] >> 4 !== (link.etherType === IPV4 ? 4 : 6)) return false;
    this.depth++;
    this.ip(link.etherType, bytes, link.offset, end, Math.max(end, packet.start + packet.length), fragments);
    this.depth--;
    return true;
  }

  private fragment(): void {
    const { packet } = this;
    const stop = packet.fragmentOffset + packet.length;
    if (packet.length > 0 && packet.start > packet.end) {
      this.countCut();
      return;
    }
    if (packet.length <= 0 || stop > LONGEST_PAYLOAD) {
      this.counts.damaged++;
      return;
    }
    const isDuplicate = this.isDuplicate();
    if (isDuplicate && !this.options.keepDuplicates) return;
    this.options.observer?.packet(packet);
    const whole = this.fragments.add(packet, isDuplicate, this.now);
    if (whole !== null) this.deliverFragments(whole);
  }

  /**
   * Passes on a datagram that stayed incomplete, with the stamp of its own last frame, not of
   * the frame that ended the wait.
   */
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
    // Its fragments were checked for duplicates one by one.
    packet.identification = 0;
    packet.fragmentOffset = 0;
    packet.moreFragments = false;
    packet.start = addresses.length;
    packet.end = packet.bytes.length;
    packet.length = length;
    skipExtensionHeaders(packet);
    this.deliver(datagram, true);
  }
}
