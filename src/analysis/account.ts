/** The account of a capture: what was read, what of it was RPC, and what was missing or left out. Counts only. */
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
  /** Datagrams of which IP fragments were lost, and flows that were forgotten because there were too many. */
  lostDatagrams: number;
  evictedFlows: number;
  /** File handles and names that were forgotten. */
  evictedNames: number;
  /** Of the first and the newest frame read. */
  first: Time;
  last: Time;
}

/** What was missing from the capture or could not be read or kept, each as one phrase; empty when nothing was. */
export function missingParts(account: Account): string[] {
  const { network, rpc, exchanges } = account;
  const parts: [count: number, phrase: string][] = [
    [network.holes, `${plural(network.missingBytes, 'byte')} missing in ${plural(network.holes, 'hole')}`],
    [account.lostDatagrams, `${plural(account.lostDatagrams, 'datagram')} with lost fragments`],
    [rpc.truncated, `${plural(rpc.truncated, 'message')} truncated`],
    [rpc.headlessRecords, `${plural(rpc.headlessRecords, 'record')} without their header`],
    [exchanges.evictedUnanswered, `${plural(exchanges.evictedUnanswered, 'unanswered call')} forgotten`],
    [account.evictedFlows, `${plural(account.evictedFlows, 'flow')} forgotten`],
    [rdmaFrames(network), `${plural(rdmaFrames(network), 'RDMA frame')} (RPC-over-RDMA is not decoded)`],
    [account.evictedNames, `${plural(account.evictedNames, 'file name')} forgotten`],
  ];
  return parts.filter(([count]) => count > 0).map(([, phrase]) => phrase);
}

/** Frames of RoCE, version 1 and 2, and InfiniBand. */
export function rdmaFrames({ roceV1, roceV2, infiniBand }: NetworkCounts): number {
  return roceV1 + roceV2 + infiniBand;
}

/** `1 call`, `2 calls`. */
export function plural(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** A whole number with a comma between thousands: `1,234,567`. `toLocaleString` loads its language's rules first, for 15 ms. */
export function grouped(number: number): string {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ',');
}
