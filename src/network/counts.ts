/** The counters of the network layer for the account of a capture. */
import type { Refusal } from './link/link.js';
import type { Place } from './stamp.js';

/** Frames of one file that could not be read for their link type. */
export interface UnknownLink {
  file: number;
  linkType: number;
  firstFrame: number;
  frames: number;
}

/** Frames that lead to no IP packet are counted by what they are. `notIp`: ARP, LLDP, unknown payloads of a link … */
export interface NetworkCounts extends Record<Refusal, number> {
  frames: number;
  /** IP of other protocols than UDP and TCP. */
  otherProtocols: number;
  /** RDMA over Converged Ethernet in UDP datagrams. `roceV1` and `infiniBand` are other packets of RDMA. */
  roceV2: number;
  /** RDMA requests that were sent again, and holes in the sequence of such requests. */
  resentPackets: number;
  rdmaHoles: number;
  /** ICMP errors that quote a packet. */
  icmpErrors: number;
  /** Packets that were captured before. */
  duplicateFrames: number;
  /** Packets whose headers contradict themselves. */
  damaged: number;
  /** The first frame that was cut within its headers, and how many of its bytes were captured. */
  firstCut: (Place & { captured: number }) | null;
  /** How many frames had an EtherType without a decoder, by EtherType, for up to MAX_UNKNOWN_LINKS of them. */
  etherTypes: Map<number, number>;
  /** Frames of link types without a decoder. */
  unknownLinks: UnknownLink[];
  /** TCP segments with bytes that were sent before. */
  retransmittedSegments: number;
  missingBytes: number;
  holes: number;
  /** The first frame behind a hole, or that was cut. */
  firstHole: Place | null;
  /** TCP segments far from all others of their connection, which nothing confirmed: their bytes are left out. */
  straySegments: number;
  firstStray: Place | null;
}

export function newNetworkCounts(): NetworkCounts {
  return {
    frames: 0,
    notIp: 0,
    encrypted: 0,
    cutHeaders: 0,
    roceV1: 0,
    roceV2: 0,
    infiniBand: 0,
    resentPackets: 0,
    rdmaHoles: 0,
    otherProtocols: 0,
    icmpErrors: 0,
    duplicateFrames: 0,
    damaged: 0,
    firstCut: null,
    etherTypes: new Map(),
    unknownLinks: [],
    retransmittedSegments: 0,
    missingBytes: 0,
    holes: 0,
    firstHole: null,
    straySegments: 0,
    firstStray: null,
  };
}
