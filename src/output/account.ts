/** The account of a capture for `--summary`: as text, and as one JSON object (account.schema.json). */
import { type Account, etherTypes } from '../analysis/account.js';
import { UNANSWERED } from '../rpc/outcome.js';
import { sanitize } from '../terminal/sanitize.js';
import { wrapBehind } from '../terminal/wrap.js';
import { ByteWriter } from '../xdr/byte-writer.js';
import { grouped, plural } from '../xdr/plural.js';
import { UNANSWERED_TEXTS } from './outcome-texts.js';
import { utcText, writeSeconds } from './time.js';

/** The column where numbers end. */
const NUMBER_END = 39;

/** A line of the account. The label of a part is indented below the line that it belongs to. */
export type AccountRow = [label: string, count: number, detail: string];

/**
 * Lines of `label  count  detail`. On a terminal of so many columns, a detail that does not fit is continued below
 * itself; null: lines are complete.
 */
export function accountText(account: Account, files: readonly string[], columns: number | null = null): string {
  const texts = accountRows(account, files).map(([label, number, detail]) => {
    const head = `${label}${grouped(number).padStart(NUMBER_END - label.length)}  `;
    return wrapBehind(head, sanitize(detail).split(' '), columns);
  });
  return texts.join('');
}

/** The account in rows. Rows with a count of 0 are left out, except frames and messages. */
export function accountRows(account: Account, files: readonly string[]): AccountRow[] {
  const { network, rpc, exchanges } = account;
  const { duplicate_reply: duplicateReplies, ...retransmissions } = exchanges.retransmissions;
  const rows: AccountRow[] = [
    ['frames', network.frames, network.frames === 0 ? '' : span(account)],
    ['  dropped', account.droppedFrames, 'while recording, as the capture says; not counted as frames'],
    ['  not IP', network.notIp, etherTypes(network)],
    ['  other than UDP and TCP', network.otherProtocols, ''],
    ['  cut within headers', network.cutHeaders, 'by a snaplen'],
    ['  damaged headers', network.damaged, ''],
    ['  duplicate', network.duplicateFrames, 'captured before'],
    ['  encrypted', network.encrypted + rpc.encryptedDatagrams, 'by 802.11, MACsec or IPsec'],
    ['  RoCE', network.roceV1, 'RDMA over Converged Ethernet'],
    ['  RoCEv2', network.roceV2, 'RDMA over UDP'],
    ['  InfiniBand', network.infiniBand, 'but no IP over InfiniBand'],
    ['  ICMP errors', network.icmpErrors, ''],
    ...network.unknownLinks.map(
      ({ file, linkType, firstFrame, frames }): AccountRow => [
        `  link type ${linkType}`,
        frames,
        `unknown, from frame ${firstFrame}${files.length > 1 ? ` of ${files[file]}` : ''}`,
      ],
    ),
    ['TCP retransmissions', network.retransmittedSegments, ''],
    ['RDMA packets resent', network.resentPackets, ''],
    ['not RPC', rpc.notRpc, 'datagrams and connections'],
    ['TLS connections', rpc.tlsConnections, 'what they carry cannot be read'],
    ['messages', rpc.messages, `${plural(rpc.calls, 'call')}, ${plural(rpc.replies, 'reply')}`],
    ['  retransmissions', sumOf(Object.values(retransmissions)), 'calls that were sent again'],
    ['  duplicate replies', duplicateReplies, ''],
    ['  replies without call', rpc.repliesWithoutCall, ''],
    ['  truncated', rpc.truncated, ''],
    ['    kept in part', rpc.keptInPart, 'their other bytes were captured: they were not kept, to bound memory'],
    ['  without their header', rpc.headlessRecords, 'records, not counted as messages'],
    [
      '  resynchronisations',
      rpc.resynchronisations,
      'where messages were found again, behind a hole or a start in mid-stream',
    ],
    ['missing bytes', network.missingBytes, `in ${plural(network.holes, 'hole')} of TCP streams`],
    ['RDMA holes', network.rdmaHoles, 'places where packets of RDMA connections are missing'],
    ['RPC-over-RDMA errors', rpc.rdmaErrors, 'with which a peer refused a message'],
    ['stray TCP segments', network.straySegments, 'far from the others of their connection, left out'],
    ['lost datagrams', account.lostDatagrams, 'of which IP fragments are missing'],
    ['unanswered calls', sumOf(Object.values(exchanges.unanswered)), ''],
    ...UNANSWERED.map((outcome): AccountRow => [`  ${UNANSWERED_TEXTS[outcome]}`, exchanges.unanswered[outcome], '']),
    ['forgotten calls', exchanges.evictedUnanswered, 'there were too many without an answer'],
    ['forgotten flows', account.evictedFlows, 'there were too many at a time'],
    ['forgotten file names', account.evictedNames, 'handles and names not used for longest'],
    [
      'forgotten contexts',
      account.evictedContexts,
      'RPCSEC_GSS contexts, session slots and locks not used for longest',
    ],
  ];
  return rows.filter(([label, number]) => number > 0 || label === 'frames' || label === 'messages');
}

function sumOf(counts: readonly number[]): number {
  return counts.reduce((sum, each) => sum + each, 0);
}

/** One JSON object and a line break. */
export function accountRecord(account: Account, files: readonly string[]): string {
  const { network, rpc, exchanges } = account;
  const hasFrames = network.frames > 0;
  const record = {
    files,
    frames: network.frames,
    ...(hasFrames && { first_time: utcText(account.first), last_time: utcText(account.last) }),
    dropped_frames: account.droppedFrames,
    not_ip: network.notIp,
    other_protocols: network.otherProtocols,
    cut_headers: network.cutHeaders,
    damaged: network.damaged,
    duplicate_frames: network.duplicateFrames,
    encrypted: network.encrypted + rpc.encryptedDatagrams,
    roce: network.roceV1,
    roce_v2: network.roceV2,
    infiniband: network.infiniBand,
    icmp_errors: network.icmpErrors,
    unknown_links: network.unknownLinks.map(({ file, linkType, firstFrame, frames }) => ({
      file: files[file],
      link_type: linkType,
      first_frame: firstFrame,
      frames,
    })),
    retransmitted_segments: network.retransmittedSegments,
    resent_rdma_packets: network.resentPackets,
    rdma_holes: network.rdmaHoles,
    rdma_errors: rpc.rdmaErrors,
    not_rpc: rpc.notRpc,
    tls_connections: rpc.tlsConnections,
    messages: rpc.messages,
    calls: rpc.calls,
    replies: rpc.replies,
    replies_without_call: rpc.repliesWithoutCall,
    resynchronisations: rpc.resynchronisations,
    missing_bytes: network.missingBytes,
    holes: network.holes,
    stray_segments: network.straySegments,
    truncated: rpc.truncated,
    kept_in_part: rpc.keptInPart,
    headless_records: rpc.headlessRecords,
    lost_datagrams: account.lostDatagrams,
    retransmissions: exchanges.retransmissions,
    unanswered: exchanges.unanswered,
    evicted: {
      exchanges: exchanges.evicted,
      unanswered: exchanges.evictedUnanswered,
      flows: account.evictedFlows,
      names: account.evictedNames,
      contexts: account.evictedContexts,
    },
  };
  return `${sanitize(JSON.stringify(record))}\n`;
}

/** `in 12.345 s from 2026-11-22T06:46:00.123456789Z`. */
function span({ first, last }: Account): string {
  const out = new ByteWriter(64);
  writeSeconds(out, (last.seconds - first.seconds) * 1e9 + last.nanoseconds - first.nanoseconds);
  return `in ${out.toString()} s from ${utcText(first)}`;
}
