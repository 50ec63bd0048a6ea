/** The transports that carry RPC: their IP protocol numbers (IANA, "Assigned Internet Protocol Numbers"). */
export const TCP = 6;
export const UDP = 17;
/** Reliable connections of RDMA. They have no protocol number, because InfiniBand needs no IP. */
export const RDMA = 256;

export const TRANSPORTS = ['tcp', 'udp', 'rdma'] as const;
export type TransportName = (typeof TRANSPORTS)[number];

/** The name of the transport of an RPC message. */
export function transportName(protocol: number): TransportName {
  if (protocol === TCP) return 'tcp';
  return protocol === UDP ? 'udp' : 'rdma';
}
