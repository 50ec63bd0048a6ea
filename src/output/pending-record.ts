/**
 * The records of `rpcdump pending --json`: one object a line, first
 * calls, then loops, connections and findings (schemas/pending.schema.json).
 */
import type { Finding } from '../analysis/findings/finding.js';
import type { PendingReport } from '../analysis/pending.js';
import type { PendingCall } from '../analysis/pending-calls.js';
import type { Moment, RetryLoop } from '../analysis/retry-loops.js';
import { transportName } from '../network/protocols.js';
import { nanosecondsBetween } from '../network/stamp.js';
import type { IcmpNote } from '../rpc/exchange-facts.js';
import type { UnopenedConnection } from '../rpc/unopened-connections.js';
import { escapeUnsafe } from '../xdr/byte-writer.js';
import type { PendingTextOptions } from './pending.js';
import { utcText } from './time.js';

export type PendingRecordOptions = Pick<PendingTextOptions, 'files' | 'age'>;

export function pendingRecords(
  { calls, loops, findings, connections }: PendingReport,
  options: PendingRecordOptions,
): string {
  const records = [
    ...calls.map((call) => callRecord(call, options)),
    ...loops.map((loop) => loopRecord(loop, options)),
    ...connections.map((connection) => connectionRecord(connection, options)),
    ...findings.map((finding) => findingRecord(finding, options)),
  ];
  return records.map((record) => `${escapeUnsafe(JSON.stringify(record))}\n`).join('');
}

function callRecord(call: PendingCall, { files, age }: PendingRecordOptions): object {
  const { client, server, slot, icmpError } = call;
  return {
    kind: 'call',
    frame: call.frame,
    file: files?.[call.file],
    time: utcText(call),
    age: age(call) / 1e9,
    client: client.address,
    client_port: client.port,
    server: server.address,
    server_port: server.port,
    transport: transportName(call.protocol),
    connection: call.connection,
    xid: call.xid,
    ...programOf(call),
    procedure_number: there(call.procedureNumber),
    operation: call.operation,
    summary: call.summary === '' ? undefined : call.summary,
    outcome: call.outcome,
    connection_state: call.connectionState ?? undefined,
    retransmissions: call.retransmissions,
    tcp_retransmissions: call.tcpRetransmissions || undefined,
    incomplete_reply: call.hasIncompleteReply || undefined,
    icmp_error: icmpError === null ? undefined : icmpErrorOf(icmpError, files),
    session: slot === null ? undefined : { id: slot.session, slot: slot.slot, sequence: slot.sequence },
    gss_objection: call.gssObjection ?? undefined,
    notes: call.notes.length > 0 ? call.notes : undefined,
  };
}

function icmpErrorOf({ frame, file, type, code }: IcmpNote, files: readonly string[] | null): object {
  return { frame, file: files?.[file], type, code };
}

function loopRecord(loop: RetryLoop, { files }: PendingRecordOptions): object {
  const { first, last, end, endStatus } = loop;
  return {
    kind: 'loop',
    ...rangeOf(first, last, files),
    span: nanosecondsBetween(first.seconds, first.nanoseconds, last.seconds, last.nanoseconds) / 1e9,
    count: loop.count,
    client: loop.client.address,
    server: loop.server.address,
    ...programOf(loop),
    summary: loop.summary,
    status: loop.status,
    end:
      end === null
        ? null
        : { frame: end.frame, file: files?.[end.file], time: utcText(end), status: endStatus ?? undefined },
  };
}

function connectionRecord(
  { client, server, isRefused, count, first }: UnopenedConnection,
  { files, age }: PendingRecordOptions,
): object {
  return {
    kind: 'connection',
    frame: first.frame,
    file: files?.[first.file],
    time: utcText(first),
    age: age(first) / 1e9,
    count,
    client,
    server: server.address,
    server_port: server.port,
    refused: isRefused,
  };
}

function findingRecord(
  { first, last, count, client, server, rule, subject, text }: Finding,
  { files }: PendingRecordOptions,
): object {
  return { kind: 'finding', ...rangeOf(first, last, files), count, client, server, finding: rule, subject, text };
}

function rangeOf(first: Moment, last: Moment, files: readonly string[] | null): object {
  return {
    first_frame: first.frame,
    last_frame: last.frame,
    file: files?.[first.file],
    last_file: files?.[last.file],
    first_time: utcText(first),
    last_time: utcText(last),
  };
}

function programOf({ program, programNumber, version, procedure }: PendingCall | RetryLoop): object {
  return { program, program_number: there(programNumber), version: there(version), procedure };
}

/** Numbers after the end of a header that was cut off are -1. */
function there(number: number): number | undefined {
  return number < 0 ? undefined : number;
}
