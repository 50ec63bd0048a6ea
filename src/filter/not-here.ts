/**
 * Fields of Wireshark that rpcdump does not have, and what to use instead.
 * A name with a dot at its end stands for all names that begin with it.
 */
const LENGTH = "use 'length', the length of the RPC message";
const TIME = "use 'time', an absolute time, or 'elapsed', the response time of a reply";
const SEGMENT = "rpcdump selects messages, not segments: use 'frames.count', or 'tcp_retransmissions' with --calls";

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
  ['nlm.msg_in', "use 'related.frame' of the result"],
  ['nlm.res_in', "a request cannot know the frame of its result; use 'related.frame' of the result"],
  ['nlm.time', "use 'elapsed', the response time of a reply"],
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
