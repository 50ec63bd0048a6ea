/** What rpcdump finds in packets: each message's place, its header and body as JSON, and the leaves of its body with their offsets. */
import { Dissector } from '../../src/dissect/dissector.js';
import { Network } from '../../src/network/network.js';
import { newStamp } from '../../src/network/stamp.js';
import { RecordWriter } from '../../src/output/record.js';
import { Messages } from '../../src/rpc/messages.js';
import { ByteWriter } from '../../src/xdr/byte-writer.js';
import type { TreeNode } from '../../src/xdr/tree-node.js';
import { frameOf } from '../helpers/packets.js';
import { library } from '../helpers/render.js';
import type { PlacedPacket } from './packets.js';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export interface Found {
  /** The stream of the first packet that carried it. */
  stream: number;
  xid: number;
  type: number;
  have: number;
  length: number;
  /** Bytes of the RPC header, up to the arguments or results; as many as there are when it is cut. */
  headerLength: number;
  /** Those members of its record that depend on its own bytes, and for a reply on its call. */
  record: { [key: string]: Json };
  /** Leaves of the body, `path@end`, where `end` counts from the xid. */
  leaves: Map<string, number>;
  isDecoded: boolean;
}

/** What depends on other messages than its own call (names, times, retransmissions …) is left out. */
const MEMBERS = [
  ...['src', 'src_port', 'dst', 'dst_port', 'xid', 'type', 'program_number', 'version', 'procedure_number'],
  ...['credential', 'verifier', 'reply_stat', 'accept_stat', 'reject_stat', 'auth_stat', 'mismatch'],
  ...['status', 'args', 'result', 'malformed'],
];

export function observe(packets: readonly PlacedPacket[]): Found[] {
  const found: Found[] = [];
  const out = new ByteWriter();
  const rpc = new Messages(newStamp(), (message) => {
    const dissection = dissector.dissect(message);
    out.length = 0;
    writer.write(dissection);
    const root = dissector.decode()?.root ?? null;
    found.push({
      stream: packets[message.firstFrame - 1].stream,
      xid: message.xid,
      type: message.type,
      have: message.have,
      length: message.length,
      headerLength: (message.body < 0 ? message.end : message.body) - message.start,
      record: membersOf(JSON.parse(out.toString())),
      leaves: root === null ? new Map() : leavesOf(root, message.start),
      isDecoded: dissection.undecoded === null,
    });
  });
  const network = new Network(rpc, rpc.now);
  const dissector = new Dissector(library, rpc.exchanges);
  const writer = new RecordWriter(out, dissector, {
    files: null,
    hasInterfaces: () => false,
    int64Strings: false,
    payload: true,
  });
  packets.forEach((packet, index) => {
    network.frame(frameOf(packet, index + 1), 0);
  });
  network.finish();
  return found;
}

function membersOf(record: { [key: string]: Json }): { [key: string]: Json } {
  return Object.fromEntries(MEMBERS.filter((name) => name in record).map((name) => [name, record[name]]));
}

function leavesOf(node: TreeNode, start: number, path = '', leaves = new Map<string, number>()): Map<string, number> {
  const here = `${path}.${node.name}`;
  if (node.children.length === 0) leaves.set(here, node.offset + node.length - start);
  for (const child of node.children) leavesOf(child, start, here, leaves);
  return leaves;
}
