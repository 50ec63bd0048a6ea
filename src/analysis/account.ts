/**
 * The account of a capture: how much was read, how much of it was
 * RPC, and how much was missing or left out. It holds counts, and the
 * first places of some.
 */
import type { NetworkCounts } from '../network/network.js';
import type { Place } from '../network/stamp.js';
import type { ExchangeCounts } from '../rpc/exchanges.js';
import type { RpcCounts } from '../rpc/messages.js';
import { grouped, nounFor, plural } from '../xdr/plural.js';

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
  firstLostDatagram: Place | null;
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

/**
 * Everything that was missing from the capture, unreadable or forgotten, one phrase each; empty when nothing was.
 * @param files The inputs by name. With them, phrases name the first frame where that is known, and of several inputs
 * its file.
 */
export function missingParts(account: Account, files: readonly string[] = []): string[] {
  const { network, rpc, exchanges } = account;
  const cut = network.firstCut === null ? '' : `to ${network.firstCut.captured} bytes`;
  const truncated = rpc.truncated - rpc.keptInPart;
  const at = (count: number, place: Place | null, detail = '') => placeText(count, place, files, detail);
  const parts: [count: number, phrase: string][] = [
    [account.droppedFrames, `${plural(account.droppedFrames, 'frame')} dropped while recording, as the capture says`],
    [
      network.cutHeaders,
      `${plural(network.cutHeaders, 'frame')} cut within headers${at(network.cutHeaders, network.firstCut, cut)}`,
    ],
    [
      network.holes,
      `${plural(network.missingBytes, 'byte')} missing in ${plural(network.holes, 'hole')}${at(network.holes, network.firstHole)}`,
    ],
    [network.rdmaHoles, `packets missing in ${plural(network.rdmaHoles, 'place')} of RDMA connections`],
    [
      account.lostDatagrams,
      `${plural(account.lostDatagrams, 'datagram')} with lost fragments${at(account.lostDatagrams, account.firstLostDatagram)}`,
    ],
    [
      network.straySegments,
      `${plural(network.straySegments, 'TCP segment')} far from the others of ${its(network.straySegments)} connection${at(network.straySegments, network.firstStray)}`,
    ],
    [truncated, `${plural(truncated, 'message')} truncated${at(truncated, rpc.firstTruncated)}`],
    [rpc.keptInPart, `${plural(rpc.keptInPart, 'message')} kept in part, to bound memory`],
    [rpc.rdmaErrors, `${plural(rpc.rdmaErrors, 'error')} of RPC-over-RDMA`],
    [rpc.headlessRecords, `${plural(rpc.headlessRecords, 'record')} without ${its(rpc.headlessRecords)} header`],
    [rpc.startTls, `${plural(rpc.startTls, 'RPC connection')} that went on in TLS`],
    [exchanges.evictedUnanswered, `${plural(exchanges.evictedUnanswered, 'unanswered call')} forgotten`],
    [account.evictedFlows, `${plural(account.evictedFlows, 'flow')} forgotten`],
    [account.evictedNames, `${plural(account.evictedNames, 'file name')} forgotten`],
    [
      account.evictedContexts,
      `${plural(account.evictedContexts, 'security context, session slot or lock', 'security contexts, session slots or locks')} forgotten`,
    ],
  ];
  return phrasesOf(parts);
}

/**
 * The same; of a capture without a message, one phrase that says what its frames were instead.
 * @param files The inputs by name.
 */
export function missingPhrases(account: Account, files: readonly string[] = []): string[] {
  const { network, rpc } = account;
  const missing = missingParts(account, files);
  if (rpc.messages > 0 || network.frames === 0) return missing;
  const phrases = [...otherTraffic(account), ...missing];
  const unknown = network.unknownLinks.reduce((sum, { frames }) => sum + frames, 0);
  // Unknown link types are problems of their own.
  if (phrases.length === 0 && unknown === network.frames) return [];
  return [`no messages in ${plural(network.frames, 'frame')}${phrases.length === 0 ? '' : ': '}${phrases.join(', ')}`];
}

/** What frames without RPC are. */
function otherTraffic({ network, rpc }: Account): string[] {
  const encrypted = network.encrypted + rpc.encryptedDatagrams;
  const types = etherTypes(network);
  return phrasesOf([
    [network.notIp, `${grouped(network.notIp)} not IP${types === '' ? '' : ` (${types})`}`],
    [network.otherProtocols, `${grouped(network.otherProtocols)} of other protocols than UDP and TCP`],
    [network.icmpErrors, plural(network.icmpErrors, 'ICMP error')],
    [network.damaged, `${grouped(network.damaged)} with damaged headers`],
    [rdmaFrames(network), `${grouped(rdmaFrames(network))} of RDMA`],
    [encrypted, `${grouped(encrypted)} encrypted`],
    [rpc.tlsConnections, plural(rpc.tlsConnections, 'TLS connection')],
    [rpc.notRpc, `${plural(rpc.notRpc, 'datagram or connection', 'datagrams and connections')} without RPC`],
  ]);
}

/** The EtherTypes that rpcdump does not read, the most frequent first. */
export function etherTypes({ etherTypes }: NetworkCounts): string {
  const sorted = [...etherTypes]
    .sort(([, a], [, b]) => b - a)
    .map(([type]) => `0x${type.toString(16).padStart(4, '0')}`);
  if (sorted.length === 0) return '';
  const more = sorted.length > MOST_ETHER_TYPES ? ' …' : '';
  return `EtherType ${sorted.slice(0, MOST_ETHER_TYPES).join(', ')}${more}`;
}

const MOST_ETHER_TYPES = 3;

function phrasesOf(parts: readonly [count: number, phrase: string][]): string[] {
  return parts.filter(([count]) => count > 0).map(([, phrase]) => phrase);
}

/** ` (frame 6)`, ` (first: frame 6 of b.pcap)`, with a detail before it; empty where there is nothing to tell. */
function placeText(count: number, place: Place | null, files: readonly string[], detail: string): string {
  const first = count === 1 ? '' : 'first: ';
  const file = files.length > 1 && place !== null ? ` of ${files[place.file]}` : '';
  const where = place === null || files.length === 0 ? '' : `${first}frame ${place.frame}${file}`;
  const texts = [detail, where].filter((text) => text !== '');
  return texts.length === 0 ? '' : ` (${texts.join('; ')})`;
}

/** RDMA frames: RoCE versions 1 and 2, and InfiniBand. */
function rdmaFrames({ roceV1, roceV2, infiniBand }: NetworkCounts): number {
  return roceV1 + roceV2 + infiniBand;
}

const its = (count: number) => nounFor(count, 'its', 'their');
