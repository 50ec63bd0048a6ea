import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { SNOOP_INFINIBAND } from '../../../src/capture/link-types.js';
import { linkDecoder } from '../../../src/network/link/index.js';
import { type LinkResult, newLinkResult } from '../../../src/network/link/link.js';
import { bytes } from '../../helpers/capture-writer.js';

/** With its checksum, and with another. */
const IPV4 = `4500${'11'.repeat(8)}3277${'11'.repeat(8)}`;
const UNSOUND_IPV4 = `4500${'11'.repeat(18)}`;
const SHORT_IPV6 = `60000000 0001 ${'22'.repeat(80)}`;
const IPV6 = `60${'22'.repeat(39)}`;
const MACS = 'ffffffffffff 020000000001';
const LLC_SNAP = 'aaaa03 000000';
/** 802.11: frame control, duration, three addresses, sequence. */
const WIFI = `0801 0000 ${'33'.repeat(18)} 1000`;
const WIFI_QOS = `8801 0000 ${'33'.repeat(18)} 1000`;

interface Case {
  name: string;
  linkType: number;
  header: string;
  payload: string;
  vlan?: number;
  /** Bytes of IP without which nothing is found; one if not given. */
  least?: number;
}

/** An ERF record's header: time, type, flags, lengths and counter. */
const erf = (type: string) => `0011223344556677 ${type} 04 0040 0000 0030`;

const FOUND: Case[] = [
  { name: 'ERF, Ethernet', linkType: 197, header: `${erf('02')} 0000 ${MACS} 0800`, payload: IPV4 },
  {
    name: 'ERF, Ethernet in colours, two extension headers',
    linkType: 197,
    header: `${erf('8b')} 8100000000000000 0200000000000000 0000 ${MACS} 8100 0005 86dd`,
    payload: IPV6,
    vlan: 5,
  },
  { name: 'ERF, HDLC', linkType: 197, header: `${erf('01')} ff03 0021`, payload: IPV4 },
  { name: 'ERF, HDLC of several channels', linkType: 197, header: `${erf('11')} 00000001 ff03 0057`, payload: IPV6 },
  { name: 'ERF, AAL5', linkType: 197, header: `${erf('04')} 00000640 ${LLC_SNAP} 0800`, payload: IPV4 },
  {
    name: 'ERF, AAL5 of several channels',
    linkType: 197,
    header: `${erf('09')} 00000001 00000640 ${LLC_SNAP} 0800`,
    payload: IPV4,
  },
  {
    name: 'ERF, InfiniBand',
    linkType: 197,
    header: `${erf('15')} 0002${'00'.repeat(6)} 6400ffff 00000048 00000007 00000b1b 00000048 86dd 0000`,
    payload: IPV6,
  },
  { name: 'ERF, IPv6', linkType: 197, header: erf('17'), payload: IPV6 },
  { name: 'Ethernet, IPv4', linkType: 1, header: `${MACS} 0800`, payload: IPV4 },
  { name: 'Ethernet, IPv6', linkType: 1, header: `${MACS} 86dd`, payload: IPV6 },
  { name: 'Ethernet, 802.1Q', linkType: 1, header: `${MACS} 8100 600a 0800`, payload: IPV4, vlan: 10 },
  { name: 'Ethernet, 802.1ad', linkType: 1, header: `${MACS} 88a8 0064 8100 000a 86dd`, payload: IPV6, vlan: 100 },
  {
    name: 'Ethernet, 0x9100',
    linkType: 1,
    header: `${MACS} 9100 0fff 9100 0001 8100 0002 0800`,
    payload: IPV4,
    vlan: 4095,
  },
  {
    name: 'Ethernet, VN-Tag and VLAN',
    linkType: 1,
    header: `${MACS} 8926 00010002 8100 0005 0800`,
    payload: IPV4,
    vlan: 5,
  },
  { name: 'Ethernet, SNAP', linkType: 1, header: `${MACS} 0030 ${LLC_SNAP} 0800`, payload: IPV4 },
  {
    name: 'Ethernet, SNAP of the bridge tunnel',
    linkType: 1,
    header: `${MACS} 0030 aaaa03 0000f8 86dd`,
    payload: IPV6,
  },
  {
    name: 'Ethernet, VLAN and SNAP',
    linkType: 1,
    header: `${MACS} 8100 0007 0030 ${LLC_SNAP} 0800`,
    payload: IPV4,
    vlan: 7,
  },
  { name: 'Ethernet, LLC with IP', linkType: 1, header: `${MACS} 0030 060603`, payload: IPV4 },
  { name: 'Ethernet, PPPoE', linkType: 1, header: `${MACS} 8864 1100 0001 0020 0021`, payload: IPV4 },
  {
    name: 'Ethernet, VLAN and PPPoE',
    linkType: 1,
    header: `${MACS} 8100 0009 8864 1100 0001 0020 0057`,
    payload: IPV6,
    vlan: 9,
  },
  { name: 'Ethernet, MPLS', linkType: 1, header: `${MACS} 8847 00010140`, payload: IPV4 },
  {
    name: 'Ethernet, MPLS of three labels',
    linkType: 1,
    header: `${MACS} 8848 00010040 00020040 00030140`,
    payload: IPV6,
  },
  {
    name: 'Ethernet, MPLS, IP with a wrong checksum',
    linkType: 1,
    header: `${MACS} 8847 00010140`,
    payload: UNSOUND_IPV4,
  },
  {
    name: 'Ethernet, MPLS pseudo-wire',
    linkType: 1,
    header: `${MACS} 8847 00010040 00020140 ${MACS} 0800`,
    payload: IPV4,
    least: 20,
  },
  {
    name: 'Ethernet, MPLS pseudo-wire with a control word',
    linkType: 1,
    header: `${MACS} 8847 00010140 00000007 ${MACS} 8100 0007 86dd`,
    payload: IPV6,
    vlan: 7,
    least: 40,
  },
  {
    name: 'Ethernet, MPLS pseudo-wire to an address that looks like a control word',
    linkType: 1,
    header: `${MACS} 8847 00010140 020000000002 020000000001 0800`,
    payload: IPV4,
    least: 20,
  },
  { name: 'Ethernet, backbone service', linkType: 1, header: `${MACS} 88e7 00012345 ${MACS} 0800`, payload: IPV4 },
  {
    name: 'Ethernet, backbone service, both VLANs',
    linkType: 1,
    header: `${MACS} 88a8 0064 88e7 00012345 ${MACS} 8100 000a 86dd`,
    payload: IPV6,
    vlan: 100,
  },
  { name: 'Ethernet, Cisco metadata', linkType: 1, header: `${MACS} 8909 01 01 0001 0007 0800`, payload: IPV4 },
  {
    name: 'Ethernet, FabricPath',
    linkType: 1,
    header: `${MACS} 8903 0040 ${MACS} 8100 0009 86dd`,
    payload: IPV6,
    vlan: 9,
  },
  { name: 'Ethernet, TRILL', linkType: 1, header: `${MACS} 22f3 003f 0001 0002 ${MACS} 0800`, payload: IPV4 },
  {
    name: 'Ethernet, TRILL with options',
    linkType: 1,
    header: `${MACS} 22f3 00bf 0001 0002 ${'00'.repeat(8)} ${MACS} 8100 0005 86dd`,
    payload: IPV6,
    vlan: 5,
  },
  { name: 'Ethernet, Ethernet', linkType: 1, header: `${MACS} 6558 ${MACS} 0800`, payload: IPV4 },
  { name: 'Ethernet, MACsec', linkType: 1, header: `${MACS} 88e5 00 00 00000001 0800`, payload: IPV4 },
  {
    name: 'Ethernet, MACsec with a channel identifier, VLAN',
    linkType: 1,
    header: `${MACS} 88e5 23 30 00000001 0200000000010001 8100 0005 86dd`,
    payload: IPV6,
    vlan: 5,
  },
  { name: 'Ethernet, NSH', linkType: 1, header: `${MACS} 894f 0fc6 01 01 00002aff ${'07'.repeat(16)}`, payload: IPV4 },
  {
    name: 'Ethernet, NSH, Ethernet',
    linkType: 1,
    header: `${MACS} 894f 0fc2 02 03 00002aff ${MACS} 86dd`,
    payload: IPV6,
  },
  {
    name: 'Ethernet, NSH in NSH, MPLS',
    linkType: 1,
    header: `${MACS} 894f 0fc2 02 04 00002aff 0fc3 02 05 00002afe 00000000 00010140`,
    payload: IPV4,
  },
  { name: 'null, little-endian', linkType: 0, header: '02000000', payload: IPV4 },
  { name: 'null, big-endian', linkType: 0, header: '00000002', payload: IPV4 },
  { name: 'null, IPv6 of Linux', linkType: 0, header: '0a000000', payload: IPV6 },
  { name: 'null, IPv6 of NetBSD', linkType: 0, header: '18000000', payload: IPV6 },
  { name: 'null, IPv6 of FreeBSD', linkType: 0, header: '1c000000', payload: IPV6 },
  { name: 'null, IPv6 of macOS', linkType: 0, header: '1e000000', payload: IPV6 },
  { name: 'loop', linkType: 108, header: '00000018', payload: IPV6 },
  ...[12, 14, 101, 228].map((linkType) => ({ name: `raw ${linkType}`, linkType, header: '', payload: IPV4 })),
  { name: 'raw 229', linkType: 229, header: '', payload: IPV6 },
  { name: 'SLL', linkType: 113, header: '0000 0001 0006 0200000000010000 0800', payload: IPV4 },
  {
    name: 'SLL, VLAN',
    linkType: 113,
    header: '0000 0001 0006 0200000000010000 8100 0003 86dd',
    payload: IPV6,
    vlan: 3,
  },
  { name: 'SLL, 802.2', linkType: 113, header: `0000 0001 0006 0200000000010000 0004 ${LLC_SNAP} 0800`, payload: IPV4 },
  { name: 'SLL2', linkType: 276, header: '86dd 0000 00000002 0001 00 06 0200000000010000', payload: IPV6 },
  { name: 'PPP', linkType: 9, header: '0021', payload: IPV4 },
  { name: 'PPP, framed', linkType: 9, header: 'ff03 0057', payload: IPV6 },
  { name: 'PPP, compressed protocol', linkType: 9, header: '21', payload: IPV4, least: 2 },
  { name: 'PPP serial', linkType: 50, header: 'ff03 0021', payload: IPV4 },
  { name: 'PPP serial, Cisco', linkType: 50, header: '0f00 0800', payload: IPV4 },
  { name: 'Cisco HDLC', linkType: 104, header: '8f00 86dd', payload: IPV6 },
  { name: 'PPP, MPLS', linkType: 9, header: 'ff03 0281 00010140', payload: IPV4 },
  { name: 'PPP, bridged', linkType: 9, header: `ff03 0031 80 01 ${MACS} 0800`, payload: IPV4 },
  { name: 'PPP, bridged with a LAN', linkType: 9, header: `0031 40 01 00000007 ${MACS} 86dd`, payload: IPV6 },
  { name: 'PPP of pppd', linkType: 166, header: '0103 0021', payload: IPV4 },
  { name: 'PPPoE', linkType: 51, header: '1100 0001 0020 0021', payload: IPV4 },
  { name: 'InfiniBand', linkType: 242, header: `${'00'.repeat(40)} 0800 0000`, payload: IPV4 },
  { name: 'InfiniBand of snoop', linkType: SNOOP_INFINIBAND, header: '86dd 0000', payload: IPV6 },
  { name: 'ipnet, IPv4', linkType: 226, header: `01 02 ${'00'.repeat(22)}`, payload: IPV4 },
  { name: 'ipnet, IPv6', linkType: 226, header: `01 1a ${'00'.repeat(22)}`, payload: IPV6 },
  { name: '802.11', linkType: 105, header: `${WIFI} ${LLC_SNAP} 0800`, payload: IPV4 },
  {
    name: '802.11, four addresses',
    linkType: 105,
    header: `0803${WIFI.slice(4)} 444444444444 ${LLC_SNAP} 0800`,
    payload: IPV4,
  },
  { name: '802.11, QoS', linkType: 105, header: `${WIFI_QOS} 0000 ${LLC_SNAP} 86dd`, payload: IPV6 },
  {
    name: '802.11, QoS and HT',
    linkType: 105,
    header: `8881${WIFI_QOS.slice(4)} 0000 00000000 ${LLC_SNAP} 0800`,
    payload: IPV4,
  },
  { name: '802.11, A-MSDU', linkType: 105, header: `${WIFI_QOS} 8000 ${MACS} 0030 ${LLC_SNAP} 0800`, payload: IPV4 },
  { name: 'radiotap', linkType: 127, header: `0000 0800 00000000 ${WIFI} ${LLC_SNAP} 0800`, payload: IPV4 },
  {
    name: 'radiotap, padded',
    linkType: 127,
    header: `0000 1c00 03000080 00000000 00000000 ${'00'.repeat(8)} 20 000000 ${WIFI_QOS} 0000 0000 ${LLC_SNAP} 0800`,
    payload: IPV4,
  },
  {
    name: 'Prism',
    linkType: 119,
    header: `44000000 10000000 ${'00'.repeat(8)} ${WIFI} ${LLC_SNAP} 0800`,
    payload: IPV4,
  },
  { name: 'token ring', linkType: 6, header: `1040 ${MACS} ${LLC_SNAP} 0800`, payload: IPV4 },
  {
    name: 'token ring, routed',
    linkType: 6,
    header: `1040 ffffffffffff 820000000001 0630 0011 0020 ${LLC_SNAP} 0800`,
    payload: IPV4,
  },
  { name: 'FDDI', linkType: 10, header: `50 ${MACS} ${LLC_SNAP} 86dd`, payload: IPV6 },
  { name: 'SLIP', linkType: 8, header: '00'.repeat(16), payload: IPV4 },
  { name: 'ATM, LLC', linkType: 100, header: `${LLC_SNAP} 0800`, payload: IPV4 },
  { name: 'ATM, bridged', linkType: 100, header: `aaaa03 0080c2 0007 0000 ${MACS} 0800`, payload: IPV4, least: 20 },
  { name: 'SunATM, LLC', linkType: 123, header: `02 00 0064 ${LLC_SNAP} 0800`, payload: IPV4 },
  { name: 'Fibre Channel', linkType: 122, header: `${'10'.repeat(16)} ${LLC_SNAP} 0800`, payload: IPV4 },
  { name: 'IEEE 1394', linkType: 138, header: `${'11'.repeat(16)} 86dd`, payload: IPV6 },
  { name: 'Frame Relay', linkType: 107, header: '1841 03 cc', payload: IPV4 },
  { name: 'Frame Relay, padded', linkType: 107, header: '1841 03 00 8e', payload: IPV6 },
  { name: 'Frame Relay, four bytes of address', linkType: 107, header: '18400003 03 cc', payload: IPV4 },
  { name: 'Frame Relay, SNAP', linkType: 107, header: '1841 03 00 80 000000 0800', payload: IPV4 },
  {
    name: 'Frame Relay, bridged',
    linkType: 107,
    header: `1841 03 00 80 0080c2 0001 ${MACS} 86dd`,
    payload: IPV6,
    least: 40,
  },
  { name: 'Frame Relay of Cisco', linkType: 107, header: '1841 86dd', payload: IPV6 },
  { name: 'PPP with direction', linkType: 204, header: '01 ff03 0021', payload: IPV4 },
  { name: 'Cisco HDLC with direction', linkType: 205, header: '01 0f00 0800', payload: IPV4 },
  { name: 'Frame Relay with direction', linkType: 206, header: '00 1841 03 cc', payload: IPV4 },
  { name: 'IPsec interface', linkType: 109, header: '02000000 00001234 00000000', payload: IPV4 },
  { name: 'pf log', linkType: 117, header: `3d 02 ${'00'.repeat(62)}`, payload: IPV4 },
  {
    name: 'NFLOG, little-endian',
    linkType: 239,
    header: '02 00 0000 08000100 08000100 05000a00 41000000 18000900',
    payload: IPV4,
  },
  { name: 'NFLOG, big-endian', linkType: 239, header: '0a 00 0000 00080001 86dd0100 002c0009', payload: IPV6 },
  { name: 'netANALYZER', linkType: 240, header: `04000000 ${MACS} 0800`, payload: IPV4 },
  { name: 'netANALYZER with preamble', linkType: 241, header: `04000000 55555555555555d5 ${MACS} 0800`, payload: IPV4 },
  { name: "Broadcom's tag", linkType: 281, header: `${MACS} 20000080 0800`, payload: IPV4 },
  { name: "Broadcom's tag in front", linkType: 282, header: `20000080 ${MACS} 0800`, payload: IPV4 },
  { name: 'DSA tag', linkType: 284, header: `${MACS} c0080000 0800`, payload: IPV4 },
  { name: 'DSA tag with EtherType', linkType: 285, header: `${MACS} dada0000c0000000 0800`, payload: IPV4 },
  { name: 'Ethernet with preamble', linkType: 274, header: `55555555555555d5 ${MACS} 0800`, payload: IPV4 },
  { name: 'Ethernet, HSR', linkType: 1, header: `${MACS} 892f 003a0001 0800`, payload: IPV4 },
  {
    name: 'InfiniBand, datagram',
    linkType: 247,
    header: `0002${'00'.repeat(6)} 6400ffff 00000048 00000007 00000b1b 00000048 0800 0000`,
    payload: IPV4,
  },
  { name: 'PPI, 802.11', linkType: 192, header: `0000 0800 69000000 ${WIFI} ${LLC_SNAP} 0800`, payload: IPV4 },
  { name: 'PPI, Ethernet', linkType: 192, header: `0000 0c00 01000000 01020304 ${MACS} 0800`, payload: IPV4 },
  { name: 'PKTAP', linkType: 258, header: `10000000 01000000 01000000 00000000 ${MACS} 86dd`, payload: IPV6 },
  { name: 'AVS', linkType: 163, header: `80211001 00000010 ${'00'.repeat(8)} ${WIFI} ${LLC_SNAP} 0800`, payload: IPV4 },
];

const REFUSED: [string, number, string][] = [
  ['ARP', 1, `${MACS} 0806 ${IPV4}`],
  ['spanning tree', 1, `${MACS} 0026 424203 ${IPV4}`],
  ['SNAP of Cisco', 1, `${MACS} 0030 aaaa03 00000c 2000 ${IPV4}`],
  ['SNAP with a length in it', 1, `${MACS} 0030 ${LLC_SNAP} 0030 ${LLC_SNAP} 0800 ${IPV4}`],
  ['seventeen VLAN tags', 1, `${MACS} 8100 ${'00018100'.repeat(17)} 0001 0800 ${IPV4}`],
  ['VLAN tags and SNAP without end', 1, `${MACS} ${`0030 ${LLC_SNAP} 8100 0001`.repeat(20_000)} 0800 ${IPV4}`],
  ['labels without end', 1, `${MACS} 8847 ${'00010040'.repeat(40)}`],
  ['an MPLS pseudo-wire, IP with a wrong checksum', 1, `${MACS} 8847 00010140 00000000 ${MACS} 0800 ${UNSOUND_IPV4}`],
  ['an MPLS pseudo-wire, IPv6 shorter than its frame', 1, `${MACS} 8847 00010140 ${MACS} 86dd ${SHORT_IPV6}`],
  ['an MPLS control channel', 1, `${MACS} 8847 00010140 10000021 ${MACS} 0800 ${IPV4}`],
  ['NSH, management', 1, `${MACS} 894f 2fc2 02 01 00002aff ${IPV4}`],
  ['NSH of another version', 1, `${MACS} 894f 4fc2 02 01 00002aff ${IPV4}`],
  ['NSH shorter than its header', 1, `${MACS} 894f 0fc1 02 01 00002aff ${IPV4}`],
  ['NSH in NSH without end', 1, `${MACS} 894f ${'0fc2020400002aff'.repeat(20_000)}`],
  ['Ethernet in NSH without end', 1, `${MACS} ${`894f 0fc2020300002aff ${MACS}`.repeat(20_000)} 0800 ${IPV4}`],
  ['pseudo-wires without end', 1, `${MACS} ${`8847 00010140 00000000 ${MACS}`.repeat(20_000)} 0800 ${IPV4}`],
  ['MACsec of another version', 1, `${MACS} 88e5 80 00 00000001 0800 ${IPV4}`],
  ['encrypted MACsec', 1, `${MACS} 88e5 2c 00 00000001 0200000000010001 0800 ${IPV4}`],
  ['MACsec that changes its bytes', 1, `${MACS} 88e5 04 00 00000001 0800 ${IPV4}`],
  ['TRILL of another version', 1, `${MACS} 22f3 403f 0001 0002 ${MACS} 0800 ${IPV4}`],
  ['Ethernet in Ethernet without end', 1, `${MACS} ${`6558 ${MACS}`.repeat(20_000)} 0800 ${IPV4}`],
  ['bridged FDDI', 100, `aaaa03 0080c2 0004 ${MACS} 0800 ${IPV4}`],
  ['PPP, bridged token ring', 9, `ff03 0031 00 03 ${MACS} 0800 ${IPV4}`],
  ['PPPoE discovery', 1, `${MACS} 8863 1109 0000 0004 ${IPV4}`],
  ['PPP link control', 9, `ff03 c021 ${IPV4}`],
  ['an unknown family', 0, `07000000 ${IPV4}`],
  ['IP version 5', 101, `50${IPV4}`],
  ['an 802.11 beacon', 105, `8000 0000 ${'33'.repeat(18)} 1000 ${LLC_SNAP} 0800 ${IPV4}`],
  ['802.11 without data', 105, `4801 0000 ${'33'.repeat(18)} 1000 ${LLC_SNAP} 0800 ${IPV4}`],
  ['encrypted 802.11', 105, `0841 0000 ${'33'.repeat(18)} 1000 ${LLC_SNAP} 0800 ${IPV4}`],
  ['PPI in PPI', 192, `0000 0800 c0000000 0000 0800 01000000 ${MACS} 0800 ${IPV4}`],
  ['PKTAP that tells of a process', 258, `10000000 02000000 01000000 00000000 ${MACS} 0800 ${IPV4}`],
  ['NFLOG without a packet', 239, '02 00 0000 08000100 08000100 05000a00 41000000'],
  ['NFLOG with an attribute of no length', 239, `02 00 0000 00000100 ${IPV4}`],
  ['InfiniBand, RDMA', 247, `0002${'00'.repeat(6)} 0a00ffff 00000048 00000007 ${IPV4}`],
  ['RoCE', 1, `${MACS} 8915 ${IPV4}`],
  ['a radiotap header longer than its frame', 127, `0000 ffff 00000000 ${WIFI} ${LLC_SNAP} 0800 ${IPV4}`],
];

/** The frame stands in the middle of other bytes, as it does in a reader's buffer. */
function decode(linkType: number, frame: Uint8Array): Pick<LinkResult, 'etherType' | 'offset' | 'vlan'> | null {
  const before = Buffer.alloc(13, 0x45);
  const result = newLinkResult();
  const held = bytes(before, frame, Buffer.alloc(40, 0x45));
  const decoder = linkDecoder(linkType);
  if (decoder === undefined) throw new Error(`no decoder for ${linkType}`);
  if (!decoder(held, before.length, before.length + frame.length, result)) return null;
  const { etherType, offset, vlan } = result;
  return { etherType, offset: offset - before.length, vlan };
}

describe.each(FOUND)('$name', ({ linkType, header, payload, vlan = -1, least = 1 }) => {
  const head = bytes(header);
  const frame = bytes(head, payload);

  it('leads to IP', () => {
    const etherType = payload.startsWith('4') ? 0x0800 : 0x86dd;
    expect(decode(linkType, frame)).toEqual({ etherType, offset: head.length, vlan });
  });

  it('is refused where it is cut before IP, and leads to what is there of IP where it is cut behind', () => {
    for (let cut = 0; cut <= head.length; cut++) expect(decode(linkType, frame.subarray(0, cut))).toBeNull();
    for (let cut = head.length + least; cut < frame.length; cut++) {
      expect([cut, decode(linkType, frame.subarray(0, cut))?.offset]).toEqual([cut, head.length]);
    }
  });
});

test.each(REFUSED)('%s is not IP', (_, linkType, frame) => {
  expect(decode(linkType, bytes(frame))).toBeNull();
});

test('a pseudo-wire to an address that looks like IPv4', () => {
  const head = bytes(`${MACS} 8847 00010140 45ffffffffff ${MACS.slice(-12)} 0800`);
  expect(decode(1, bytes(head, IPV4))).toEqual({ etherType: 0x0800, offset: head.length, vlan: -1 });
});

test('a wrong guess leaves no VLAN', () => {
  // As a control word and Ethernet there would be a VLAN.
  const head = bytes(`${MACS} 8847 00010140 020000000001 0600000000ff 0800`);
  const ipv4 = '45008100 01231111 1111d275 11111111 11111111';
  expect(decode(1, bytes(head, ipv4))).toEqual({ etherType: 0x0800, offset: head.length, vlan: -1 });
});

test('no garbage leads outside its frame', () => {
  const linkTypes = [...new Set(FOUND.map(({ linkType }) => linkType))];
  const headers = fc.constantFrom(...FOUND.map(({ header }) => bytes(header)));
  const garbage = fc.tuple(headers, fc.nat(60), fc.uint8Array({ maxLength: 80 }));
  const run = (linkType: number, [header, kept, rest]: [Buffer, number, Uint8Array]) => {
    const frame = bytes(header.subarray(0, kept), rest);
    const found = decode(linkType, frame);
    if (found === null) return;
    expect([0x0800, 0x86dd]).toContain(found.etherType);
    expect(found.offset).toBeLessThan(frame.length);
    expect(found.vlan).toBeGreaterThanOrEqual(-1);
  };
  fc.assert(fc.property(fc.constantFrom(...linkTypes), garbage, run), { numRuns: 5000 });
});

test('every decoder has a row', () => {
  const linkTypes = [...Array(65_536).keys(), SNOOP_INFINIBAND].filter((number) => linkDecoder(number) !== undefined);
  const rows = new Set(FOUND.map(({ linkType }) => linkType));
  expect(linkTypes.filter((linkType) => !rows.has(linkType))).toEqual([]);
});

test('other link types have no decoder', () => {
  expect(linkDecoder(147)).toBeUndefined();
});
