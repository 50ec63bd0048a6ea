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
    reason: 'rpcdump shows the captured part of replies whose IP fragments were lost',
  },
  {
    capture: 'nfs3/dropped-packets',
    pattern: /^(3[78]|89|9[12]|158|1[67]\d|18\d) .*: only rpcdump/,
    count: 20,
    reason: 'tshark decodes no message of a connection after its first hole',
  },
  {
    capture: 'nfs3/linux-client',
    pattern: /^1[4-7]\d .*: only rpcdump/,
    count: 20,
    reason: 'tshark decodes no message of a connection after its first hole',
  },
  {
    capture: 'nfs4/callbacks-4.1',
    pattern: /^(2[4-8]|3\d|4\d) .*: only rpcdump/,
    count: 17,
    reason: 'tshark decodes no message of a connection after its first hole',
  },
  {
    capture: 'nfs4/backchannel-4.1',
    pattern: /^(5|8|10|12|13|14) .*: only rpcdump/,
    count: 6,
    reason: 'tshark decodes no message of a connection after its first hole',
  },
  {
    capture: 'nfs4/callbacks-4.0',
    pattern: /^(37|40) .* call: only rpcdump/,
    count: 2,
    reason: 'tshark decodes no message of a connection after its first hole',
  },
  {
    capture: 'nfs4/features-4.2',
    pattern: /^(2[4-9]|[3-6]\d) .*: only rpcdump/,
    count: 36,
    reason: 'tshark decodes no message of a connection after its first hole',
  },
  {
    capture: 'nfs4/client-4.2',
    pattern: /^149 .* call: only rpcdump/,
    count: 1,
    reason: 'the capture ends in the middle of this call; tshark does not show it',
  },
  {
    capture: 'nfs3/merged',
    pattern: /^\d+ 0x6b05\w+ reply: only rpcdump|^141 0x6b067432 reply: only rpcdump/,
    count: 17,
    reason: 'replies come from another port than the call went to; tshark does not recognise them',
  },
  {
    capture: 'rpcbind/allprocs-udp6-lo',
    pattern: /^(22|76|80|84) .* reply: only rpcdump/,
    count: 4,
    reason:
      'replies to CALLIT, BCAST and INDIRECT come from another port than the calls went to; tshark does not recognise them',
  },
  {
    capture: 'nfs3/snaplen256',
    pattern: /only|^(103|111) /,
    count: 38,
    reason: 'tshark does not follow a stream past frames cut by the snaplen, and does not reassemble cut messages',
  },
  {
    capture: 'rpc/errors-auth',
    pattern: /^(75|82) .* call: only rpcdump/,
    count: 2,
    reason: 'tshark does not recognise calls with rpcvers 3 and 1 as RPC',
  },
  {
    capture: 'rpc/errors-auth',
    pattern: /^(108|110|263) .* call: only rpcdump|^(109|111|265) .* reply: /,
    count: 18,
    reason:
      'tshark does not recognise a first record in fragments of 4, 16 and 37 bytes, or sent byte by byte, and does not match its reply',
  },
  {
    capture: 'rpc/errors-auth',
    pattern: /^98 .* call: uid {2}\| 0$/,
    count: 1,
    reason: 'tshark reads beyond the end of a credential of 3 bytes',
  },
  {
    capture: 'gluster/lo',
    pattern: /^180 .* call: only rpcdump/,
    count: 1,
    reason: 'the capture ends in the middle of this call; tshark does not show it',
  },
  {
    capture: 'rusers/rusers-rstat-rwall',
    pattern: /^(58|59|66|67) .* reply: only rpcdump/,
    count: 4,
    reason:
      'replies to broadcasts come from another address or port than the calls went to; tshark does not recognise them',
  },
  {
    capture: 'rpc/rdma',
    pattern: /^5[13] 0x00000009 (call|reply): /,
    count: 8,
    reason: 'tshark shows no call whose data RDMA moved unseen, so it does not know what the reply answers',
  },
  {
    capture: 'rpc/rdma',
    pattern: /^37 .* reply: names \.\.\/a\/b \| $/,
    count: 1,
    reason: 'tshark does not put back what RDMA WRITE moved',
  },
];

/** The fields of NFSv4's operations (compounds.test.ts). */
const CLOSED = {
  pattern: /CLOSE reply: (stateids|others) 0x\w+ \| $/,
  reason: 'tshark shows no hash for the stateid in a CLOSE reply, which is no longer valid (RFC 8881 §18.2.4)',
};

export const TSHARK_COMPOUNDS: readonly Known[] = [
  { capture: 'nfs4/client-4.2', ...CLOSED, count: 8 },
  { capture: 'nfs4/callbacks-4.1', ...CLOSED, count: 2 },
  { capture: 'nfs4/features-4.2', ...CLOSED, count: 4 },
  {
    capture: 'nfs4/callbacks-4.1',
    pattern: /LAYOUTGET reply: (offsets|lengths) /,
    count: 2,
    reason: 'tshark shows the extents of a block layout (RFC 5663) as bytes',
  },
];

/** tcpdump's NFS messages (tcpdump.test.ts). */
export const TCPDUMP: readonly Known[] = [
  {
    capture: 'rpc/tls',
    pattern: /^21 .* call: only tcpdump/,
    count: 1,
    reason: 'tcpdump takes a TLS record on port 2049 for a call',
  },
];
