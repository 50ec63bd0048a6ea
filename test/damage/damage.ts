/**
 * Random damage to captures: frames removed, cut by a snaplen, swapped, doubled, segments split or sent again with other borders, the
 * beginning missing. A step that does not apply where it fell does nothing. Packets that open, close or first show a connection are not
 * swapped: what the order of those means is for the tests of TCP.
 */
import fc from 'fast-check';
import { TCP } from '../../src/network/protocols.js';
import type { PlacedPacket } from './packets.js';

export type Damage =
  | { kind: 'remove' | 'cut' | 'split'; at: number; size: number }
  | { kind: 'swap' | 'double'; at: number; distance: number }
  | { kind: 'resend'; at: number; size: number; distance: number }
  | { kind: 'begin'; at: number };

/** Answers whether a step may take bytes `[from, to)` of a stream. */
export type MayLose = (stream: number, from: number, to: number) => boolean;

/** Frames of one capture swap with neighbours; the grace for acknowledged bytes (limits/network.ts) is longer. */
const MAX_DISTANCE = 4;

/** Positions are in parts of 2^16 of the capture, so that they shrink well and fit every capture. */
const at = fc.nat(0xffff);
const sized = fc.record({
  kind: fc.constantFrom('remove' as const, 'cut' as const, 'split' as const),
  at,
  size: fc.nat(0xffff),
});
const moved = fc.record({
  kind: fc.constantFrom('swap' as const, 'double' as const),
  at,
  distance: fc.integer({ min: 1, max: MAX_DISTANCE }),
});

/** Later than a reply to what is sent again, and within the grace of a hole before it. */
const resent = fc.record({
  kind: fc.constant('resend' as const),
  at,
  size: fc.nat(0xffff),
  distance: fc.integer({ min: 1, max: 8 * MAX_DISTANCE }),
});

/** Some steps; `midStream`: also of which the first packets are missing, and then nothing is sent again. */
export function damages(midStream: boolean): fc.Arbitrary<Damage[]> {
  const kinds = [
    { weight: 3, arbitrary: sized },
    { weight: 1, arbitrary: moved },
  ];
  const steps = (...more: { weight: number; arbitrary: fc.Arbitrary<Damage> }[]): fc.Arbitrary<Damage[]> =>
    fc.array(fc.oneof(...kinds, ...more), { minLength: 1, maxLength: 12 });
  if (!midStream) return steps({ weight: 1, arbitrary: resent });
  const begin = fc.option(fc.record({ kind: fc.constant('begin' as const), at }), { nil: undefined });
  return fc.tuple(begin, steps()).map(([first, rest]) => (first === undefined ? rest : [first, ...rest]));
}

/** A damaged copy. */
export function damaged(
  packets: readonly PlacedPacket[],
  steps: readonly Damage[],
  mayLose: MayLose = () => true,
): PlacedPacket[] {
  const copy = [...packets];
  for (const step of steps) apply(copy, step, mayLose);
  return copy;
}

function apply(packets: PlacedPacket[], step: Damage, mayLose: MayLose): void {
  if (packets.length === 0) return;
  const index = (step.at * packets.length) >> 16;
  const packet = packets[index];
  switch (step.kind) {
    case 'begin':
      packets.splice(0, index);
      break;
    case 'remove':
      if (canLose(packet, 0, mayLose)) packets.splice(index, 1);
      break;
    case 'cut': {
      const length = (step.size * packet.data.length) >> 16;
      if (canLose(packet, length, mayLose) && !hasCopies(packets, packet)) cut(packets, packet, length);
      break;
    }
    case 'split':
      packets.splice(index, 1, ...split(packet, step.size));
      break;
    case 'swap':
      if (packets.slice(index, index + step.distance + 1).some((each) => each.isAnchor)) break;
      packets.splice(index, 1);
      packets.splice(index + step.distance, 0, packet);
      break;
    case 'double':
      // A datagram that came twice is a message that came twice: only TCP numbers its bytes.
      if (packet.protocol === TCP) packets.splice(index + step.distance, 0, packet);
      break;
    case 'resend':
      if (isWhole(packet)) packets.splice(index + step.distance, 0, ...resend(packets, index, step));
  }
}

/** True where bytes of a packet also lie in another one, which a snaplen would not cut at the same byte. */
function hasCopies(packets: readonly PlacedPacket[], packet: PlacedPacket): boolean {
  const { stream, offset, length } = packet;
  return packets.some(
    (each) =>
      each !== packet && each.stream === stream && each.offset < offset + length && offset < each.offset + each.length,
  );
}

/** A segment's later part with the next segment's bytes, behind the newest header of their direction. */
function resend(
  packets: readonly PlacedPacket[],
  index: number,
  step: { size: number; distance: number },
): PlacedPacket[] {
  const { stream, offset, length, data, payload } = packets[index];
  const first = (step.size * length) >> 16;
  const next = packets.find((each) => each.stream === stream && each.offset === offset + length && isWhole(each));
  const last = packets.slice(0, index + step.distance).findLast((each) => each.stream === stream && isWhole(each))!;
  const own = data.subarray(payload + first);
  const behind = next === undefined ? [] : [next.data.subarray(next.payload)];
  const again = Buffer.concat([last.data.subarray(0, last.payload), own, ...behind]);
  const moved = offset + first - last.offset;
  return [withLengths({ ...last, data: again, offset: offset + first, length: again.length - last.payload }, moved)];
}

/** A segment that has all its bytes and opens nothing. */
function isWhole({
  data,
  payload,
  length,
  protocol,
  isFragment,
  isFirst,
  isAnchor,
  wireLength,
  stream,
}: PlacedPacket): boolean {
  const isAll = data.length === payload + length && data.length === wireLength;
  return isAll && stream >= 0 && protocol === TCP && !isFragment && !isFirst && !isAnchor;
}

/** Writes into headers what follows from the bytes behind them; the first is `moved` bytes behind the one that they were for. */
function withLengths(packet: PlacedPacket, moved: number): PlacedPacket {
  const { data } = packet;
  const isIpv4 = data[0] >> 4 === 4;
  const transport = isIpv4 ? 4 * (data[0] & 15) : 40;
  data.writeUInt16BE(isIpv4 ? data.length : data.length - 40, isIpv4 ? 2 : 4);
  data.writeUInt32BE((data.readUInt32BE(transport + 4) + moved) >>> 0, transport + 4);
  return { ...packet, wireLength: data.length };
}

/** May what follows the first `kept` bytes of a packet be missing? */
function canLose(packet: PlacedPacket, kept: number, mayLose: MayLose): boolean {
  const left = kept < packet.payload ? 0 : kept - packet.payload;
  if (packet.stream < 0) return !packet.isFirst || mayLose(-1, 0, 0);
  return mayLose(packet.stream, packet.offset + left, packet.offset + packet.length);
}

/** Cuts a packet and its doubles: one snaplen holds for a capture. */
function cut(packets: PlacedPacket[], packet: PlacedPacket, length: number): void {
  packets.forEach((each, index) => {
    if (each === packet) packets[index] = { ...packet, data: packet.data.subarray(0, length) };
  });
}

/** A segment as two, with their own lengths and sequence numbers. */
function split(packet: PlacedPacket, size: number): PlacedPacket[] {
  const { data, payload, length, offset } = packet;
  const first = (size * length) >> 16;
  if (first === 0 || !isWhole({ ...packet, isAnchor: false })) return [packet];
  const front = Buffer.from(data.subarray(0, payload + first));
  const back = Buffer.concat([data.subarray(0, payload), data.subarray(payload + first)]);
  return [
    withLengths({ ...packet, data: front, length: first }, 0),
    withLengths({ ...packet, data: back, length: length - first, offset: offset + first }, first),
  ];
}
