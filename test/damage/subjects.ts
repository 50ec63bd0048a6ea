/**
 * The undamaged captures that are damaged: fixtures of several programs (fragments of records and of IP, pipelined calls, GSS, many
 * connections, beginnings in mid-stream), and pipelined calls whose records and segments have nothing to do with each other.
 */
import { join } from 'node:path';
import { bytes } from '../helpers/capture-writer.js';
import { client, SYN, server, type TestPacket, tcp } from '../helpers/packets.js';
import { FIXTURES } from '../helpers/render.js';
import { call, fragmented, opaque, reply, words } from '../helpers/rpc-writer.js';
import { type Damage, damaged } from './damage.js';
import { packetsOf, placed } from './packets.js';
import { judge, type Outcome, type Subject, subjectOf } from './truth.js';

const CAPTURES = [
  'custom/inventory.pcap',
  'custom/inventory-fragments.pcap',
  'mount/showmount.pcap',
  'nfs2/allprocs.pcap',
  'nfs3/allprocs-middle.pcap',
  'nfs3/allprocs-readdir.pcap',
  'nfs3/allprocs-start.pcap',
  'nfs3/locks-quota.pcap',
  'nfs3/merged.pcapng',
  'nfs3/midstream.pcap',
  'nfs3/nanosecond.bigendian.pcap',
  'nfs3/read-64k.pcap',
  'nfs3/udp-ipfrag.pcap',
  'rpc/errors-auth.pcap',
  'rpc/gss-krb5i.pcap',
  'rpc/gss-krb5p.pcap',
  'rpcbind/rpcinfo-ipv4.pcap',
];

const PIPELINED = 'pipelined';
export const SUBJECT_NAMES = [PIPELINED, ...CAPTURES];

/** By name. */
export async function damageSubjects(): Promise<Map<string, Subject>> {
  const subjects = new Map([[PIPELINED, subjectOf(placed(pipelined()))]]);
  for (const name of CAPTURES) subjects.set(name, subjectOf(await packetsOf(join(FIXTURES, 'captures', name))));
  return subjects;
}

/** A damaged copy of a subject, and how what rpcdump finds in it holds to the truth. */
export function tryDamage(subject: Subject, steps: readonly Damage[], insideRecords: boolean): Outcome {
  const mayLose = insideRecords ? insideOf(subject) : () => true;
  return judge(subject, damaged(subject.packets, steps, mayLose), insideRecords);
}

/** Only bytes inside of records may be missing: no record mark, no beginning of a connection. */
function insideOf(subject: Subject) {
  return (stream: number, from: number, to: number) => {
    if (stream < 0) return false;
    const truths = subject.byStream.get(stream) ?? [];
    return truths.every(({ fragments }) => fragments.every(({ mark, start }) => to <= mark || from >= start));
  };
}

const SEGMENT = 1448;
const HANDLE = opaque(Buffer.alloc(32, 0x5c));
const ATTRIBUTES = Buffer.alloc(84, 7);

/** GETATTR, LOOKUP, READ and WRITE of NFSv3, sixteen calls in flight, some records in fragments. */
function pipelined(): TestPacket[] {
  const calls = Array.from({ length: 200 }, (_, i) => fragmented(callOf(i), i % 7 === 3 ? [100, 36, 200] : []));
  const replies = Array.from({ length: 200 }, (_, i) => fragmented(replyOf(i), i % 11 === 5 ? [64, 40] : []));
  const up = bytes(...calls);
  const down = bytes(...replies);
  const packets: TestPacket[] = [
    { data: tcp(client, server, Buffer.alloc(0), { sequence: 0xfffff000, flags: SYN }) },
    { data: tcp(server, client, Buffer.alloc(0), { sequence: 99, acknowledgement: 0xfffff001, flags: SYN | 16 }) },
  ];
  const answered = lengthsOf(replies);
  const called = lengthsOf(calls);
  for (let sent = 0, received = 0; sent < up.length || received < down.length; ) {
    // A reply's segments follow those that end its call.
    const next = answered.findIndex((end) => end > received);
    const isDue = received < down.length && sent >= Math.min(up.length, called[Math.min(199, next + 16)]);
    if (isDue) {
      const part = down.subarray(received, received + SEGMENT);
      packets.push({ data: tcp(server, client, part, at(100 + received, 0xfffff001 + sent)) });
      received += part.length;
    } else {
      const part = up.subarray(sent, sent + SEGMENT);
      packets.push({ data: tcp(client, server, part, at(0xfffff001 + sent, 100 + received)) });
      sent += part.length;
    }
  }
  return packets.map((packet, i) => ({ ...packet, seconds: 1000, nanoseconds: i * 100_000 }));
}

function at(sequence: number, acknowledgement: number) {
  return { sequence: sequence >>> 0, acknowledgement: acknowledgement >>> 0 };
}

function lengthsOf(records: readonly Uint8Array[]): number[] {
  let end = 0;
  return records.map((record) => {
    end += record.length;
    return end;
  });
}

function callOf(i: number): Buffer {
  const data = Buffer.alloc(i % 3 === 0 ? 5000 : 300, i);
  const [procedure, args] = [
    [1, HANDLE],
    [3, bytes(HANDLE, opaque(`file${i}`))],
    [6, bytes(HANDLE, words(0, i, 4096))],
    [7, bytes(HANDLE, words(0, i, data.length, 2), opaque(data))],
  ][i % 4] as [number, Buffer];
  return call({ xid: 0x1000 + i, procedure, credential: { flavor: 1, body: words(1, 0, 0, 0, 0) }, args });
}

function replyOf(i: number): Buffer {
  const data = Buffer.alloc((i * 37) % 4096, i);
  const result = [
    bytes(words(0), ATTRIBUTES),
    bytes(words(0), HANDLE, words(1), ATTRIBUTES, words(0)),
    bytes(words(0, 1), ATTRIBUTES, words(data.length, 0), opaque(data)),
    words(0, 0, 0, 4096, 2, 1, 2),
  ][i % 4];
  return reply({ xid: 0x1000 + i, result });
}
