/**
 * Fields of Wireshark that rpcdump does not have, and what to use instead.
 * A name with a dot at its end stands for all names that begin with it.
 */
const LENGTH = "use 'length', the length of the RPC message";
const TIME = "use 'time', an absolute time, or 'elapsed', the response time of a reply";
const SEGMENT = "rpcdump selects messages, not segments: use 'frames.count', or 'tcp_retransmissions' with --calls";

/** Wireshark has one name for what has another name in each operation of NFSv4. */
function ofOperations(...examples: string[]): string {
  return `each operation has a name of its own: ${examples.map((name) => `'..${name}'`).join(', ')}, …`;
}

const INSTEAD: ReadonlyMap<string, string> = new Map([
  ['frame.len', LENGTH],
  ['frame.cap_len', LENGTH],
  ['udp.length', LENGTH],
  ['ip.len', LENGTH],
  ['rpc.fraglen', LENGTH],
  ['rpc.lastfrag', "use 'frames.count', which messages have that several frames carried"],
  ['tcp.len', LENGTH],
  ['tcp.', SEGMENT],
  ['frame.time_relative', TIME],
  ['frame.time_delta', TIME],
  ['frame.time_delta_displayed', TIME],
  ['frame.comment', 'rpcdump does not read comments of frames'],
  ['frame.protocols', "use 'program' and 'transport'"],
  ['rpc.repframe', "a call cannot know the frame of its reply; with --calls, 'frame' has both frames"],
  ['nfs.cachethis4', "use '..sa_cachethis'"],
  ['nfs.cb.operation', "use 'operations.op'"],
  ['nfs.count4', ofOperations('count', 'rpa_count')],
  ['nfs.deviceid', ofOperations('gdia_device_id', 'nfl_deviceid')],
  ['nfs.entry_name', "use 'nfs.name'"],
  ['nfs.high_slotid', ofOperations('sa_highest_slotid', 'sr_highest_slotid')],
  ['nfs.iomode', ofOperations('loga_iomode', 'lo_iomode')],
  ['nfs.layouttype', ofOperations('loga_layout_type', 'loc_type')],
  ['nfs.length4', ofOperations('length', 'loga_length')],
  ['nfs.offset4', ofOperations('offset', 'loga_offset')],
  ['nfs.open.claim_type', "use '..claim'"],
  ['nfs.recalltype', "use '..lor_recalltype'"],
  ['nfs.seqid', ofOperations('sa_sequenceid', 'seqid')],
  ['nfs.sequence.flags', "use '..sr_status_flags'"],
  ['nfs.sequence.flags.', "use '..sr_status_flags'"],
  ['nfs.symlink.linktext', ofOperations('linkdata', 'link')],
  ['nfs.verifier4', ofOperations('writeverf', 'cookieverf')],
  ['nlm.msg_in', "use 'related.frame' of the result"],
  ['nlm.res_in', "a request cannot know the frame of its result; use 'related.frame' of the result"],
  ['nlm.time', "use 'elapsed', the response time of a reply"],
  ['eth.', 'rpcdump does not look at link layers'],
  ['vlan.', 'rpcdump does not look at link layers'],
  ['_ws.expert', "use 'malformed', 'notes' or 'truncated'"],
  ['_ws.expert.', "use 'malformed', 'notes' or 'truncated'"],
]);

/** Wireshark has such a field for each version of a program. */
const PROCEDURE = /^[a-z0-9_]+\.procedure_(sgi_)?v\d+$/i;

/** null: rpcdump has nothing to use instead. */
export function instead(name: string): string | null {
  if (PROCEDURE.test(name)) return "use 'procedure', with 'version'";
  const parts = name.toLowerCase().split('.');
  const ends = parts.map((_, i) => `${parts.slice(0, i + 1).join('.')}.`).reverse();
  return [name.toLowerCase(), ...ends].map((each) => INSTEAD.get(each)).find((text) => text !== undefined) ?? null;
}
