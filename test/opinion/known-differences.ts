/**
 * Where rpcdump and another tool say different things of the same capture, and why. Every difference that a test finds must be one of
 * these, as often as is said here; docs/correctness.md has them for readers.
 */

export interface Known {
  capture: string;
  /** Matches so many differences. */
  pattern: RegExp;
  count: number;
  reason: string;
}

/** tshark's messages (tshark.test.ts). */
export const TSHARK_MESSAGES: readonly Known[] = [
  {
    capture: 'nfs3/udp-loss',
    pattern: /^2[147] 0x5cb2d0bb reply: only rpcdump has it$/,
    count: 3,
    reason: 'rpcdump shows what there is of replies whose fragments were lost',
  },
  {
    capture: 'nfs3/dropped-packets',
    pattern: /^(3[78]|89|9[12]|158|1[67]\d|18\d) .*: only rpcdump/,
    count: 20,
    reason: 'tshark sees no message of a connection after its first hole',
  },
  {
    capture: 'nfs3/linux-client',
    pattern: /^1[4-7]\d .*: only rpcdump/,
    count: 20,
    reason: 'tshark sees no message of a connection after its first hole',
  },
  {
    capture: 'nfs4/callbacks-4.1',
    pattern: /^(2[4-8]|3\d|4\d) .*: only rpcdump/,
    count: 17,
    reason: 'tshark sees no message of a connection after its first hole',
  },
  {
    capture: 'nfs4/backchannel-4.1',
    pattern: /^(5|8|10|12|13|14) .*: only rpcdump/,
    count: 6,
    reason: 'tshark sees no message of a connection after its first hole',
  },
  {
    capture: 'nfs4/callbacks-4.0',
    pattern: /^(37|40) .* call: only rpcdump/,
    count: 2,
    reason: 'tshark sees no message of a connection after its first hole',
  },
  {
    capture: 'nfs4/features-4.2',
    pattern: /^(2[4-9]|[3-6]\d) .*: only rpcdump/,
    count: 36,
    reason: 'tshark sees no message of a connection after its first hole',
  },
  {
    capture: 'nfs4/client-4.2',
    pattern: /^149 .* call: only rpcdump/,
    count: 1,
    reason: 'the capture ends within this call',
  },
  {
    capture: 'nfs3/merged',
    pattern: /^\d+ 0x6b05\w+ reply: only rpcdump|^141 0x6b067432 reply: only rpcdump/,
    count: 17,
    reason: 'the replies come from another port than the call went to',
  },
  {
    capture: 'rpcbind/allprocs-udp6-lo',
    pattern: /^(22|76|80|84) .* reply: only rpcdump/,
    count: 4,
    reason: 'CALLIT, BCAST and INDIRECT are answered from another port than they went to',
  },
  {
    capture: 'nfs3/snaplen256',
    pattern: /only|^(103|111) /,
    count: 38,
    reason: 'tshark does not follow a stream over frames that were cut, nor put cut messages together',
  },
  {
    capture: 'rpc/errors-auth',
    pattern: /^(75|82) .* call: only rpcdump/,
    count: 2,
    reason: 'calls of rpcvers 3 and 1 are no RPC to tshark',
  },
  {
    capture: 'rpc/errors-auth',
    pattern: /^(108|110|263) .* call: only rpcdump|^(109|111|265) .* reply: /,
    count: 18,
    reason:
      'a first record in fragments of 4, 16 and 37 bytes, or sent byte by byte, is no RPC to tshark: nor is its reply matched',
  },
  {
    capture: 'rpc/errors-auth',
    pattern: /^98 .* call: uid {2}\| 0$/,
    count: 1,
    reason: 'tshark reads a credential of 3 bytes beyond its end',
  },
  {
    capture: 'gluster/lo',
    pattern: /^180 .* call: only rpcdump/,
    count: 1,
    reason: 'the capture ends within this call',
  },
  {
    capture: 'rusers/rusers-rstat-rwall',
    pattern: /^(58|59|66|67) .* reply: only rpcdump/,
    count: 4,
    reason: 'broadcasts are answered from another address, or from another port than they went to',
  },
];

/** The fields of NFSv4's operations (compounds.test.ts). */
const CLOSED = {
  pattern: /CLOSE reply: (stateids|others) 0x\w+ \| $/,
  reason: 'of a CLOSE reply, whose stateid is of no use any more (RFC 8881 §18.2.4), tshark shows no hash',
};

export const TSHARK_COMPOUNDS: readonly Known[] = [
  { capture: 'nfs4/client-4.2', ...CLOSED, count: 8 },
  { capture: 'nfs4/callbacks-4.1', ...CLOSED, count: 2 },
  { capture: 'nfs4/features-4.2', ...CLOSED, count: 4 },
  {
    capture: 'nfs4/callbacks-4.1',
    pattern: /LAYOUTGET reply: (offsets|lengths) /,
    count: 2,
    reason: 'the extents of a block layout (RFC 5663) are bytes to tshark',
  },
];

/** tcpdump's NFS messages (tcpdump.test.ts). */
export const TCPDUMP: readonly Known[] = [
  {
    capture: 'rpc/tls',
    pattern: /^21 .* call: only tcpdump/,
    count: 1,
    reason: 'a TLS record on port 2049 is a call to tcpdump',
  },
];
