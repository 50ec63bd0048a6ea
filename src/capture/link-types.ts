/**
 * LINKTYPE_ numbers (https://www.tcpdump.org/linktypes.html) for capture formats that number link types in their own
 * way, and two numbers of rpcdump's own, above the 16 bits that registered numbers have.
 */
export const NULL_LOOPBACK = 0;
export const ETHERNET = 1;
export const TOKEN_RING = 6;
export const FDDI = 10;
export const RAW_IP = 101;
export const LINUX_SLL = 113;
export const IPNET = 226;
export const LINUX_SLL2 = 276;

/** IP over InfiniBand as snoop writes it, without the routing header of LINKTYPE_IPOIB. */
export const SNOOP_INFINIBAND = 0x10000;
/** A type that has no LINKTYPE_ number: its frames are only counted. */
export const UNKNOWN_LINK = 0x10001;
