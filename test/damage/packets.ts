/**
 * Captures as packets whose payload's place is known: which stream (a direction of a TCP incarnation, or a UDP datagram) it belongs
 * to and at which offset. Damage keeps the places, so that what a damaged copy still holds of each stream is known without asking
 * rpcdump. Reads IPv4 and IPv6 without extension headers; packets of other kinds have no place.
 */
import { openCapture } from '../../src/capture/source.js';
import { linkDecoder } from '../../src/network/link/index.js';
import { newLinkResult } from '../../src/network/link/link.js';
import { TCP, UDP } from '../../src/network/protocols.js';
import { FIN, RST, SYN, type TestPacket } from '../helpers/packets.js';

export interface PlacedPacket extends TestPacket {
  data: Buffer;
  wireLength: number;
  /** Index of the stream; -1 for a packet without payload, or whose payload has no place. */
  stream: number;
  /** Of the payload's first byte in its stream. */
  offset: number;
  /** Of the payload in `data`; what lies before it must be there for the packet to mean anything. */
  payload: number;
  /** The payload's length on the wire. */
  length: number;
  protocol: number;
  /** True for a SYN or a first IP fragment: without it, its stream's beginning is not known. */
  isFirst: boolean;
  /** True for the first packet of a direction that is known of, and for SYN, FIN and RST. */
  isAnchor: boolean;
  isFragment: boolean;
}

/** The IP packets of a capture, without their link headers. */
export async function packetsOf(capture: string): Promise<PlacedPacket[]> {
  const source = await openCapture(capture);
  const { reader } = source;
  const placer = new Placer();
  const packets: PlacedPacket[] = [];
  const take = () => {
    while (reader.next()) {
      const { bytes, start, end, wireLength, seconds, nanoseconds, linkType } = reader.frame;
      const result = newLinkResult();
      if (!linkDecoder(linkType)?.(bytes, start, end, result)) continue;
      const data = Buffer.from(bytes.subarray(result.offset, end));
      packets.push(placer.place({ data, wireLength: wireLength - (result.offset - start), seconds, nanoseconds }));
    }
  };
  do take();
  while (await source.fill());
  await source.close();
  return packets;
}

/** The same for packets that a test made. */
export function placed(packets: readonly TestPacket[]): PlacedPacket[] {
  const placer = new Placer();
  return packets.map((packet) => placer.place(packet));
}

interface Header {
  protocol: number;
  /** Where the IP payload begins and ends. */
  at: number;
  end: number;
  addresses: string;
  /** Of an IP fragment; -1: not one. */
  fragmentOffset: number;
  identification: number;
}

class Placer {
  private streams = 0;
  /** The newest incarnation of each direction: its stream and the number of its first byte. */
  private readonly tcp = new Map<string, { stream: number; first: number; syn: number }>();
  private readonly datagrams = new Map<string, number>();

  place({ data: given, wireLength, seconds = 0, nanoseconds = 0 }: TestPacket): PlacedPacket {
    const header = readIp(Buffer.from(given));
    const data = Buffer.from(given.subarray(0, header.end));
    const packet: PlacedPacket = {
      data,
      wireLength: Math.max(data.length, Math.min(wireLength ?? data.length, header.end)),
      seconds,
      nanoseconds,
      stream: -1,
      offset: 0,
      payload: header.at,
      length: 0,
      protocol: header.protocol,
      isFirst: false,
      isAnchor: false,
      isFragment: header.fragmentOffset >= 0,
    };
    if (header.protocol === TCP && !packet.isFragment) this.placeSegment(packet, header);
    else if (header.protocol === UDP) this.placeDatagram(packet, header);
    return packet;
  }

  private placeSegment(packet: PlacedPacket, { at, end, addresses }: Header): void {
    const { data } = packet;
    const sequence = data.readUInt32BE(at + 4);
    const flags = data[at + 13];
    const name = `${addresses} ${data.toString('hex', at, at + 4)}`;
    packet.isFirst = (flags & SYN) !== 0;
    packet.isAnchor = (flags & (FIN | SYN | RST)) !== 0;
    packet.payload = at + 4 * (data[at + 12] >> 4);
    packet.length = end - packet.payload;
    let known = this.tcp.get(name);
    if (known === undefined || (packet.isFirst && known.syn !== sequence)) {
      const first = packet.isFirst ? sequence + 1 : sequence;
      known = { stream: this.streams++, first, syn: packet.isFirst ? sequence : -1 };
      this.tcp.set(name, known);
      packet.isAnchor = true;
    }
    if (packet.length === 0) return;
    packet.stream = known.stream;
    packet.offset = (sequence - known.first + (packet.isFirst ? 1 : 0)) | 0;
    // A keep-alive repeats the byte before the first one seen.
    if (packet.offset < 0) packet.stream = -1;
  }

  private placeDatagram(packet: PlacedPacket, header: Header): void {
    const { fragmentOffset, at, end } = header;
    packet.isFirst = fragmentOffset <= 0;
    packet.payload = packet.isFirst ? at + 8 : at;
    packet.length = end - packet.payload;
    packet.offset = packet.isFirst ? 0 : fragmentOffset - 8;
    packet.stream = this.datagram(header);
  }

  private datagram({ addresses, identification, fragmentOffset }: Header): number {
    if (fragmentOffset < 0) return this.streams++;
    const name = `${addresses} ${identification}`;
    const known = this.datagrams.get(name);
    if (known !== undefined) return known;
    this.datagrams.set(name, this.streams);
    return this.streams++;
  }
}

function readIp(data: Buffer): Header {
  return data[0] >> 4 === 4 ? readIpv4(data) : readIpv6(data);
}

function readIpv4(data: Buffer): Header {
  const fragment = data.readUInt16BE(6);
  return {
    protocol: data[9],
    at: 4 * (data[0] & 15),
    end: data.readUInt16BE(2),
    addresses: data.toString('hex', 12, 20),
    fragmentOffset: (fragment & 0x3fff) === 0 ? -1 : (fragment & 0x1fff) * 8,
    identification: data.readUInt16BE(4),
  };
}

function readIpv6(data: Buffer): Header {
  return {
    protocol: data[6],
    at: 40,
    end: 40 + data.readUInt16BE(4),
    addresses: data.toString('hex', 8, 40),
    fragmentOffset: -1,
    identification: 0,
  };
}
