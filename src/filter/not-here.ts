/**
 * Fields of Wireshark that rpcdump does not have, and what to use instead.
 * A name with a dot at its end stands for all names that begin with it.
 */
const LENGTH = "'length' is that of the message";
const TIME = "'time' is absolute, 'elapsed' that of a reply";
const SEGMENT = "rpcdump selects messages, not segments: 'frames.count', 'tcp_retransmissions' with --calls";

const INSTEAD: ReadonlyMap<string, string> = new Map([
  ['frame.len', LENGTH],
  ['frame.cap_len', LENGTH],
  ['udp.length', LENGTH],
  ['ip.len', LENGTH],
  ['rpc.fraglen', LENGTH],
  ['rpc.lastfrag', "'frames.count' is there where several frames carried a message"],
  ['tcp.len', LENGTH],
  ['tcp.', SEGMENT],
  ['frame.time_relative', TIME],
  ['frame.time_delta', TIME],
  ['frame.time_delta_displayed', TIME],
  ['frame.comment', 'rpcdump reads no comments'],
  ['frame.protocols', "'program' and 'transport' say it"],
  ['rpc.repframe', "a call does not know it yet: with --calls, 'frame' is that of the call and of the reply"],
  ['nlm.msg_in', "'related.frame' of the result"],
  ['nlm.res_in', "a request does not know it yet: 'related.frame' of the result"],
  ['nlm.time', "'elapsed', of replies"],
  ['eth.', 'rpcdump does not look at link layers'],
  ['vlan.', 'rpcdump does not look at link layers'],
  ['_ws.expert', "'malformed', 'notes' and 'truncated' say what is odd"],
  ['_ws.expert.', "'malformed', 'notes' and 'truncated' say what is odd"],
]);

/** null: the name is not in the table. */
export function instead(name: string): string | null {
  const parts = name.toLowerCase().split('.');
  const ends = parts.map((_, i) => `${parts.slice(0, i + 1).join('.')}.`).reverse();
  return [name.toLowerCase(), ...ends].map((each) => INSTEAD.get(each)).find((text) => text !== undefined) ?? null;
}
