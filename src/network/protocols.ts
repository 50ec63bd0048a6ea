/** The transports that carry RPC: their IP protocol numbers (IANA, "Assigned Internet Protocol Numbers"). */
export const TCP = 6;
export const UDP = 17;

/** The name of the transport of an RPC message. */
export function transportName(protocol: number): 'tcp' | 'udp' {
  return protocol === TCP ? 'tcp' : 'udp';
}
