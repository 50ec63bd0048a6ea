/**
 * The LINKTYPE_ numbers that formats with numberings of their own are mapped to
 * (https://www.tcpdump.org/linktypes.html), and two of ours, above the 16 bits that registered numbers have.
 */
export const NULL_LOOPBACK = 0;
export const ETHERNET = 1;
export const TOKEN_RING = 6;
export const FDDI = 10;
export const RAW_IP = 101;
export const IPNET = 226;

/** IP over InfiniBand as snoop writes it, without the routing header of LINKTYPE_IPOIB. */
export const SNOOP_INFINIBAND = 0x10000;
/** A type that has no LINKTYPE_ number: its frames are counted, nothing can read them. */
export const UNKNOWN_LINK = 0x10001;
