/**
 * Fields of Wireshark that rpcdump does not have, and what to use instead.
 * A name with a dot at its end stands for all names that begin with it.
 */
const LENGTH = "use 'length', the length of the RPC message";
const TIME = "use 'time', an absolute time, or 'elapsed', the response time of a reply";
const SEGMENT = "rpcdump selects messages, not segments: use 'frames.count', or 'tcp_retransmissions' with --calls";

const IP = "of this header rpcdump has the addresses and the transport: 'ip.src', 'ip.dst', 'ip.addr', 'ip.proto'";
const HANDLE = "use a slice of the file handle, such as 'nfs.fhandle[0:4]'";
const CARRIERS = "use 'frames.count', which messages have that several frames carried";
const CREDENTIAL = "use the fields of 'credential.…' and 'verifier.…'";

const INSTEAD: ReadonlyMap<string, string> = new Map([
  ['frame.len', LENGTH],
  ['frame.cap_len', LENGTH],
  ['udp.length', LENGTH],
  ['ip.len', LENGTH],
  ['rpc.fraglen', LENGTH],
  ['rpc.lastfrag', CARRIERS],
  ['tcp.len', LENGTH],
  ['tcp.', SEGMENT],
  ['frame.time_relative', TIME],
  ['frame.time_delta', TIME],
  ['frame.time_delta_displayed', TIME],
  ['frame.comment', 'rpcdump does not read comments of frames'],
  ['frame.protocols', "use 'program' and 'transport'"],
  ['rpc.repframe', "a call cannot know the frame of its reply; with --calls, 'frame' has both frames"],
  ['nlm.msg_in', "use 'related.frame' of the result"],
  ['nlm.res_in', "a request cannot know the frame of its result; use 'related.frame' of the result"],
  ['nlm.time', "use 'elapsed', the response time of a reply"],
  ['frame.', "of frames rpcdump has 'frame.number', 'frame.time' and 'frame.interface_id'"],
  ['ip.', IP],
  ['ipv6.', IP.replaceAll('ip.', 'ipv6.')],
  ['udp.', 'rpcdump selects messages, not datagrams'],
  ['rpc.fragment', CARRIERS],
  ['rpc.fragments', CARRIERS],
  ['rpc.fragment.', CARRIERS],
  ['rpc.reassembled.', LENGTH],
  ['rpc.authdes.', CREDENTIAL],
  ['rpc.authgssapi.', CREDENTIAL],
  ['rpcordma.', "rpcdump puts chunks back into their messages: use 'rpcordma' and 'rpcordma.xid'"],
  ['nfs.atime', "use 'nfs.atime.sec' and 'nfs.atime.nsec'"],
  ['nfs.ctime', "use 'nfs.ctime.sec' and 'nfs.ctime.nsec'"],
  ['nfs.mtime', "use 'nfs.mtime.sec' and 'nfs.mtime.nsec'"],
  ['nfs.fh.', HANDLE],
  ['nfs.gxfh3.', HANDLE],
  ['eth.', 'rpcdump does not look at link layers'],
  ['vlan.', 'rpcdump does not look at link layers'],
  ['_ws.expert', "use 'malformed', 'notes' or 'truncated'"],
  ['_ws.expert.', "use 'malformed', 'notes' or 'truncated'"],
]);

/** null: rpcdump has nothing to use instead. */
export function instead(name: string): string | null {
  const parts = name.toLowerCase().split('.');
  const ends = parts.map((_, i) => `${parts.slice(0, i + 1).join('.')}.`).reverse();
  return [name.toLowerCase(), ...ends].map((each) => INSTEAD.get(each)).find((text) => text !== undefined) ?? null;
}
