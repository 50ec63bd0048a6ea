/**
 * Which decoder reads which link type, by LINKTYPE_ number (https://www.tcpdump.org/linktypes.html). A new link type is
 * one file beside this one and one line here.
 */
import { SNOOP_INFINIBAND } from '../../capture/link-types.js';
import { decodeEthernet } from './ethernet.js';
import { decodeIpoib, decodeSnoopIpoib } from './infiniband.js';
import { decodeIpnet } from './ipnet.js';
import type { LinkDecoder } from './link.js';
import { decodeSll, decodeSll2 } from './linux-cooked.js';
import { decodeNull } from './null.js';
import { decodeCiscoHdlc, decodePpp, decodePppHdlc, decodePppoe } from './ppp.js';
import { decodeRaw } from './raw.js';
import { decode80211, decodePrism, decodeRadiotap } from './wireless.js';

export type { LinkDecoder, LinkResult } from './link.js';

const DECODERS: ReadonlyMap<number, LinkDecoder> = new Map<number, LinkDecoder>([
  [0, decodeNull],
  [1, decodeEthernet],
  [9, decodePpp],
  [12, decodeRaw],
  [14, decodeRaw],
  [50, decodePppHdlc],
  [51, decodePppoe],
  [101, decodeRaw],
  [104, decodeCiscoHdlc],
  [105, decode80211],
  [108, decodeNull],
  [113, decodeSll],
  [119, decodePrism],
  [127, decodeRadiotap],
  [163, decodePrism],
  [166, decodePpp],
  [226, decodeIpnet],
  [228, decodeRaw],
  [229, decodeRaw],
  [242, decodeIpoib],
  [276, decodeSll2],
  [SNOOP_INFINIBAND, decodeSnoopIpoib],
]);

/** Undefined where nothing reads this link type. */
export function linkDecoder(linkType: number): LinkDecoder | undefined {
  return DECODERS.get(linkType);
}
