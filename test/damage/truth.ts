/**
 * What a damaged copy must give, and what it gave.
 *
 * Ground truth comes from the undamaged capture: its TCP streams are put together here, by the places of their packets, and walked by
 * their record marks (RFC 5531 §11); a UDP datagram is a message. The k-th message of a stream is the k-th that rpcdump finds in the
 * undamaged stream (the goldens hold those; here they must agree in number and length).
 *
 * In a damaged copy
 *   - a message *is there* when the four bytes of its first record mark and all of its RPC header (through the verifier and, in a
 *     reply, the stat) are there: the message can be known for what it is and how long it is;
 *   - what there *is of it* are its bytes up to the first one missing;
 *   - a message that was found is *true* when it is one of its stream's with the same xid and type that was not found before, its
 *     length is right (or, where its last fragment's mark is missing, a longer one), it has no more bytes than there are, every member
 *     of its record equals the undamaged record's as far as it goes, and every leaf of its body that ends before its first missing
 *     byte is there (of a reply: when its call came whole before it);
 *   - *precision* is true ones of those found, *recall* the messages that are there and were found true.
 */
import { TCP } from '../../src/network/protocols.js';
import { type Found, type Json, observe } from './observe.js';
import type { PlacedPacket } from './packets.js';

interface Fragment {
  mark: number;
  start: number;
  end: number;
}

export interface Truth extends Found {
  /** Where its bytes lie in its stream; a datagram has one fragment, and its mark no bytes. */
  fragments: Fragment[];
  isDatagram: boolean;
  /** Index of the call that it answers; -1: a call, or one whose call is not in the capture. */
  call: number;
}

export interface Subject {
  packets: PlacedPacket[];
  truths: Truth[];
  byStream: Map<number, Truth[]>;
}

export function subjectOf(packets: PlacedPacket[]): Subject {
  const found = observe(packets);
  const streams = [...new Set(found.map(({ stream }) => stream))];
  const present = coverage(packets);
  const byStream = new Map<number, Truth[]>();
  for (const stream of streams) {
    const own = found.filter((each) => each.stream === stream);
    const records = recordsOf(packets.filter((packet) => packet.stream === stream));
    if (records.length !== own.length)
      throw new Error(`stream ${stream}: ${records.length} records, ${own.length} found`);
    const truths = own.map((each, i) => truthOf(each, records[i], packets, present.get(stream)!));
    byStream.set(stream, truths);
  }
  const truths = [...byStream.values()].flat();
  linkCalls(truths);
  return { packets, truths, byStream };
}

function truthOf(found: Found, fragments: Fragment[], packets: PlacedPacket[], present: Uint8Array): Truth {
  const length = fragments.reduce((sum, { start, end }) => sum + end - start, 0);
  const isDatagram = packets.find(({ stream }) => stream === found.stream)?.protocol !== TCP;
  const truth = { ...found, fragments, isDatagram, call: -1 };
  if (found.length !== length || found.have !== length || availableOf(truth, present) !== length) {
    throw new Error(`stream ${found.stream}: a message of ${length} bytes is not whole in the undamaged capture`);
  }
  return truth;
}

/** A reply's program and procedure come from its call: the newest one before it with its xid and its endpoints exchanged. */
function linkCalls(truths: Truth[]): void {
  const name = (xid: Json, ...ends: Json[]) => [xid, ...ends].join(' ');
  const calls = new Map<string, number>();
  truths.forEach(({ type, record }, index) => {
    if (type === 0) calls.set(name(record.xid, record.src, record.src_port, record.dst, record.dst_port), index);
  });
  for (const truth of truths) {
    const { src, src_port, dst, dst_port, xid } = truth.record;
    if (truth.type === 1) truth.call = calls.get(name(xid, dst, dst_port, src, src_port)) ?? -1;
  }
}

/** The records of one stream, by its marks. */
function recordsOf(packets: readonly PlacedPacket[]): Fragment[][] {
  const [first] = packets;
  const length = Math.max(...packets.map((packet) => packet.offset + packet.length));
  if (first.protocol !== TCP) return [[{ mark: 0, start: 0, end: length }]];
  const stream = Buffer.alloc(length);
  for (const { data, payload, offset } of packets) Buffer.from(data.subarray(payload)).copy(stream, offset);
  const records: Fragment[][] = [[]];
  for (let mark = 0; mark + 4 <= length; ) {
    const word = stream.readUInt32BE(mark);
    const end = mark + 4 + (word & 0x7fffffff);
    records.at(-1)!.push({ mark, start: mark + 4, end });
    if (word >>> 31 === 1) records.push([]);
    mark = end;
  }
  return records.slice(0, -1);
}

/** Which bytes of each stream packets hold. */
function coverage(packets: readonly PlacedPacket[]): Map<number, Uint8Array> {
  const lengths = new Map<number, number>();
  for (const { stream, offset, length } of packets) {
    if (stream >= 0) lengths.set(stream, Math.max(lengths.get(stream) ?? 0, offset + length));
  }
  const present = new Map([...lengths].map(([stream, length]) => [stream, new Uint8Array(length)]));
  for (const { stream, offset, data, payload } of packets) {
    if (stream >= 0 && data.length > payload) present.get(stream)!.fill(1, offset, offset + data.length - payload);
  }
  return present;
}

/** Bytes of a message up to its first missing one. */
function availableOf({ fragments }: Truth, present: Uint8Array | undefined): number {
  let available = 0;
  for (const { mark, start, end } of fragments) {
    if (!holds(present, mark, start)) return available;
    for (let at = start; at < end; at++, available++) if (!present?.[at]) return available;
  }
  return available;
}

function holds(present: Uint8Array | undefined, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (!present?.[at]) return false;
  return true;
}

export interface Outcome {
  found: number;
  true: number;
  there: number;
  thereFound: number;
  /** What is wrong, a line each. */
  invented: string[];
  missed: string[];
}

/** Holds what rpcdump finds in a damaged copy to the truth. `isExact`: also that it has every byte up to the first missing one. */
export function judge(subject: Subject, copy: readonly PlacedPacket[], isExact = false): Outcome {
  const present = coverage(copy);
  const available = new Map(subject.truths.map((truth) => [truth, availableOf(truth, present.get(truth.stream))]));
  const isThere = (truth: Truth) => available.get(truth)! >= truth.headerLength;
  const order = orderOf(copy);
  const seen = new Set<Truth>();
  const invented: string[] = [];
  const found = observe(copy);
  for (const each of found) {
    const candidates = (subject.byStream.get(each.stream) ?? []).filter(
      (truth) => truth.xid === each.xid && truth.type === each.type && !seen.has(truth),
    );
    const faults = candidates.map((truth) => {
      const call = truth.call < 0 ? undefined : subject.truths[truth.call];
      const isCallThere =
        truth.type === 0 || (call !== undefined && available.get(call) === call.length && order(call, truth));
      return faultOf(each, truth, available.get(truth)!, present.get(truth.stream), isCallThere, isExact);
    });
    const match = faults.indexOf(null);
    if (match >= 0) seen.add(candidates[match]);
    else invented.push(`${describe(each)}: ${faults[0] ?? 'no such message, or found before'}`);
  }
  const there = subject.truths.filter(isThere);
  const missed = there.filter((truth) => !seen.has(truth));
  return {
    found: found.length,
    true: seen.size,
    there: there.length,
    thereFound: there.length - missed.length,
    invented,
    missed: missed.map(
      (truth) => `${describe(truth)}: not found, ${available.get(truth)} of ${truth.length} bytes are there`,
    ),
  };
}

/** Answers whether the last packet with a part of one message comes before the first with a part of another. */
function orderOf(packets: readonly PlacedPacket[]): (one: Truth, other: Truth) => boolean {
  const byStream = new Map<number, { at: number; from: number; to: number }[]>();
  packets.forEach(({ stream, offset, data, payload }, at) => {
    if (!byStream.has(stream)) byStream.set(stream, []);
    byStream.get(stream)!.push({ at, from: offset, to: offset + data.length - payload });
  });
  const carriers = ({ stream, fragments }: Truth) => {
    const [from, to] = [fragments[0].mark, fragments.at(-1)!.end];
    return (byStream.get(stream) ?? []).filter((each) => each.from < to && each.to > from).map(({ at }) => at);
  };
  return (one, other) => Math.max(...carriers(one)) < Math.min(...carriers(other));
}

function describe({ stream, xid, type, have, length }: Found): string {
  return `stream ${stream}, ${type === 0 ? 'call' : 'reply'} ${xid} (${have} of ${length} bytes)`;
}

/** What is not true of a message that was found; null: nothing. */
function faultOf(
  found: Found,
  truth: Truth,
  available: number,
  present: Uint8Array | undefined,
  isCallThere: boolean,
  isExact: boolean,
): string | null {
  const last = truth.fragments.at(-1)!;
  const isLengthKnown =
    holds(present, last.mark, last.start) && truth.fragments.every((each) => holds(present, each.mark, each.start));
  if (isLengthKnown ? found.length !== truth.length : found.length <= found.have) {
    // An IP datagram whose last fragment is missing is longer than what came; by how much nobody knows.
    if (!(truth.isDatagram && found.have < found.length)) return `its length is ${truth.length}`;
  }
  if (found.have > available) return `only ${available} bytes are there`;
  if (isExact && found.have < available) return `${available} bytes are there`;
  const { result: _, malformed: __, status: ___, ...header } = found.record;
  const wrong = differing(isCallThere ? found.record : header, truth.record, 'record');
  if (wrong !== null) return wrong;
  if (!isCallThere || !truth.isDecoded) return null;
  for (const [path, end] of truth.leaves) {
    if (end <= found.have && !found.leaves.has(path)) return `${path} ends at ${end} and is not there`;
  }
  return null;
}

/** The path at which a JSON value says something else than another, which may say more; null where there is none. */
function differing(some: Json, all: Json | undefined, path: string): string | null {
  if (all === undefined) return `${path} is not in the undamaged record`;
  if (some === null || all === null || typeof some !== 'object' || typeof all !== 'object') {
    return some === all ? null : `${path} is ${JSON.stringify(some)}, not ${JSON.stringify(all)}`;
  }
  for (const [key, value] of Object.entries(some)) {
    const wrong = differing(value, (all as { [key: string]: Json })[key], `${path}.${key}`);
    if (wrong !== null) return wrong;
  }
  return null;
}
