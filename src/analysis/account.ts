/**
 * The account of a capture: how much was read, how much of it was
 * RPC, and how much was missing or left out. It holds counts only.
 */
import type { NetworkCounts } from '../network/network.js';
import type { ExchangeCounts } from '../rpc/exchanges.js';
import type { RpcCounts } from '../rpc/messages.js';

/** A point in time: seconds since the epoch, and nanoseconds. */
export interface Time {
  seconds: number;
  nanoseconds: number;
}

export interface Account {
  network: NetworkCounts;
  rpc: RpcCounts;
  exchanges: ExchangeCounts;
  /** Datagrams that lost IP fragments, and flows that were forgotten because there were too many. */
  lostDatagrams: number;
  evictedFlows: number;
  /** File handles and names that were forgotten. */
  evictedNames: number;
  /** Security contexts, session slots, and locks that were waited for, that were forgotten. */
  evictedContexts: number;
  /** Frames that were dropped while the captures were recorded, as their files say. */
  droppedFrames: number;
  /** Times of the oldest and of the newest frame read. */
  first: Time;
  last: Time;
}

/** Everything that was missing from the capture, unreadable or forgotten, one phrase each; empty when nothing was. */
export function missingParts(account: Account): string[] {
  const { network, rpc, exchanges } = account;
  const parts: [count: number, phrase: string][] = [
    [account.droppedFrames, `${plural(account.droppedFrames, 'frame')} dropped while recording, as the capture says`],
    [network.holes, `${plural(network.missingBytes, 'byte')} missing in ${plural(network.holes, 'hole')}`],
    [account.lostDatagrams, `${plural(account.lostDatagrams, 'datagram')} with lost fragments`],
    [truncatedByCapture(rpc), `${plural(truncatedByCapture(rpc), 'message')} truncated`],
    [rpc.keptInPart, `${plural(rpc.keptInPart, 'message')} kept in part, to bound memory`],
    [rpc.headlessRecords, `${plural(rpc.headlessRecords, 'record')} without their header`],
    [exchanges.evictedUnanswered, `${plural(exchanges.evictedUnanswered, 'unanswered call')} forgotten`],
    [account.evictedFlows, `${plural(account.evictedFlows, 'flow')} forgotten`],
    [rdmaFrames(network), `${plural(rdmaFrames(network), 'RDMA frame')} (RPC-over-RDMA is not decoded)`],
    [account.evictedNames, `${plural(account.evictedNames, 'file name')} forgotten`],
    [
      account.evictedContexts,
      `${plural(account.evictedContexts, 'security context')}, session slots or locks forgotten`,
    ],
  ];
  return parts.filter(([count]) => count > 0).map(([, phrase]) => phrase);
}

/** Messages of which bytes were not captured. */
function truncatedByCapture({ truncated, keptInPart }: RpcCounts): number {
  return truncated - keptInPart;
}

/** RDMA frames: RoCE versions 1 and 2, and InfiniBand. */
export function rdmaFrames({ roceV1, roceV2, infiniBand }: NetworkCounts): number {
  return roceV1 + roceV2 + infiniBand;
}

/** `1 call`, `2 calls`. */
export function plural(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/**
 * A whole number with commas between thousands: `1,234,567`.
 * `toLocaleString` would first load its language's rules, for 15 ms.
 */
export function grouped(number: number): string {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ',');
}
