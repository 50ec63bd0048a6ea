/**
 * The decoder of each link type, by LINKTYPE_ number (https://www.tcpdump.org/linktypes.html). A new link type is one
 * file beside this one and one line here.
 */
import { SNOOP_INFINIBAND } from '../../capture/link-types.js';
import { decodeEthernet } from './ethernet.js';
import { decodeFrameRelay } from './frame-relay.js';
import { decodeInfiniband, decodeIpoib, decodeSnoopIpoib } from './infiniband.js';
import { decodeIpnet } from './ipnet.js';
import type { LinkDecoder } from './link.js';
import { decodeSll, decodeSll2 } from './linux-cooked.js';
import { decodeErf, decodePktap, decodePpi } from './nested.js';
import { decodeNull } from './null.js';
import { decodeEnc, decodeNflog, decodePflog, decodeSlip } from './packet-filter.js';
import { decodeCiscoHdlc, decodePpp, decodePppHdlc, decodePppoe } from './ppp.js';
import { behind, decodeIeee1394, decodeLlc, decodeSunAtm, taggedEthernet } from './prefixed.js';
import { decodeRaw } from './raw.js';
import { decodeFddi, decodeTokenRing } from './token-ring.js';
import { decode80211, decodePrism, decodeRadiotap } from './wireless.js';

export type { LinkDecoder } from './link.js';

const DECODERS: ReadonlyMap<number, LinkDecoder> = new Map<number, LinkDecoder>([
  [0, decodeNull],
  [1, decodeEthernet],
  [6, decodeTokenRing],
  [8, decodeSlip],
  [9, decodePpp],
  [10, decodeFddi],
  [12, decodeRaw],
  [14, decodeRaw],
  [50, decodePppHdlc],
  [51, decodePppoe],
  [100, decodeLlc], // ATM, RFC 2684
  [101, decodeRaw],
  [104, decodeCiscoHdlc],
  [105, decode80211],
  [107, decodeFrameRelay],
  [108, decodeNull],
  [109, decodeEnc],
  [113, decodeSll],
  [117, decodePflog],
  [119, decodePrism],
  [122, behind(16, decodeLlc)], // Fibre Channel
  [123, decodeSunAtm],
  [127, decodeRadiotap],
  [138, decodeIeee1394],
  [163, decodePrism],
  [166, decodePpp],
  [204, behind(1, decodePpp)],
  [205, behind(1, decodeCiscoHdlc)],
  [206, behind(1, decodeFrameRelay)],
  [226, decodeIpnet],
  [228, decodeRaw],
  [229, decodeRaw],
  [239, decodeNflog],
  [240, behind(4, decodeEthernet)], // netANALYZER
  [241, behind(12, decodeEthernet)], // the same with preamble
  [242, decodeIpoib],
  [247, decodeInfiniband],
  [274, behind(8, decodeEthernet)], // with preamble (IEEE 802.3br)
  [276, decodeSll2],
  [281, taggedEthernet(4)], // switch chips of Broadcom
  [282, behind(4, decodeEthernet)], // the same with the tag in front
  [284, taggedEthernet(4)], // switch chips of Marvell
  [285, taggedEthernet(8)], // the same with an EtherType in the tag
  [SNOOP_INFINIBAND, decodeSnoopIpoib],
]);

/** Link types whose header says which of the others follows. */
const NESTED_DECODERS: ReadonlyMap<number, LinkDecoder> = new Map<number, LinkDecoder>([
  [197, decodeErf((linkType) => DECODERS.get(linkType))],
  [192, decodePpi((linkType) => DECODERS.get(linkType))],
  [258, decodePktap((linkType) => DECODERS.get(linkType))],
]);

/** The decoder of a link type; undefined if there is none. */
export function linkDecoder(linkType: number): LinkDecoder | undefined {
  return DECODERS.get(linkType) ?? NESTED_DECODERS.get(linkType);
}
