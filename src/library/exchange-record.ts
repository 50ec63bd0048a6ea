/**
 * An exchange as an owned object. It has the keys of the JSON record of `--calls` (schemas/exchange.schema.json)
 * in the same order, with values in place of text. Keys that do not apply are absent.
 */
import type { Exchange } from '../dissect/exchange.js';
import { ExchangeSummary } from '../dissect/exchange-summary.js';
import type { Outcome } from '../rpc/outcome.js';
import type { RecordBuilder, RpcRecord } from './record.js';

/** The keys of each message of an exchange, without those that the exchange has. */
type Part = Pick<
  RpcRecord,
  | 'message'
  | 'frame'
  | 'frames'
  | 'file'
  | 'interface'
  | 'time'
  | 'time_epoch'
  | 'length'
  | 'verifier'
  | 'related'
  | 'truncated'
  | 'malformed'
  | 'undecoded'
  | 'notes'
> & {
  /** Seconds from the first frame that carried the message to the last, where there were several. */
  transfer_time?: number;
};

export type CallPart = Part & Pick<RpcRecord, 'credential' | 'args'>;
export type ReplyPart = Part &
  Pick<RpcRecord, 'reply_stat' | 'accept_stat' | 'reject_stat' | 'mismatch' | 'auth_stat' | 'result'>;

/** Keys of a message's record that its exchange has, or that follow from it. */
const SHARED: ReadonlySet<string> = new Set(
  (
    'connection transport src src_port dst dst_port xid type program program_number version procedure procedure_number operation ' +
    'operations failed_operation call_frame call_file elapsed status status_number error summary names retransmission'
  ).split(' '),
);

const PROGRAM = [
  'program',
  'program_number',
  'version',
  'procedure',
  'procedure_number',
  'operation',
  'operations',
  'failed_operation',
] as const;
const STATUS = ['status', 'status_number', 'error'] as const;

/** A call and its reply. Times are in seconds. */
export interface ExchangeRecord
  extends Pick<RpcRecord, (typeof PROGRAM)[number] | (typeof STATUS)[number] | 'transport' | 'connection' | 'xid'> {
  /** Number of the record in this pass, from 1. */
  exchange: number;
  client: string;
  client_port: number;
  server: string;
  server_port: number;
  outcome: Outcome;
  /** From the first transmission of the call to the first complete reply. */
  elapsed?: number;
  /** The same from the last transmission, where there were several. */
  elapsed_last?: number;
  /** From the completion of the call to the first frame of the reply. */
  server_time?: number;
  /** The request and, after an arrow, its result. */
  summary?: string;
  /** Paths of files by the fields of their handles, of both messages. */
  names?: Record<string, string>;
  /** Transmissions of the call beyond the first. */
  retransmissions?: number;
  /** Retransmitted TCP segments that carried a part of the call or reply. */
  tcp_retransmissions?: number;
  /** The last ICMP error that quoted the call. */
  icmp_error?: { frame: number; file?: string; type: number; code: number };
  /** A reply came that was never complete. */
  incomplete_reply?: true;
  /** null: the call was not captured. Only its frame where another reply's record has the call. */
  call: CallPart | { frame: number; file?: string } | null;
  /** null: no reply came. */
  reply: ReplyPart | null;
}

export class ExchangeRecordBuilder {
  private count = 0;
  private readonly summary = new ExchangeSummary();

  constructor(private readonly records: RecordBuilder) {}

  build(exchange: Exchange): ExchangeRecord {
    const call = exchange.call && this.records.build(exchange.call, exchange);
    const reply = exchange.reply && this.records.build(exchange.reply, exchange);
    const record = this.ends(exchange, call ?? reply!);
    copyKeys(PROGRAM, reply ?? call!, record);
    record.outcome = exchange.outcome;
    setTimes(record, exchange);
    if (reply !== null) copyKeys(STATUS, reply, record);
    this.setSummary(record, exchange);
    const names = { ...call?.names, ...reply?.names };
    if (Object.keys(names).length > 0) record.names = names;
    if (exchange.isWhole) this.setTransmissions(record, exchange);
    record.call = call === null ? this.callFrameOf(exchange) : partOf(call, exchange.call!.message.transfer);
    record.reply = reply && partOf(reply, exchange.reply!.message.transfer);
    return record;
  }

  private ends({ client, server }: Exchange, { transport, connection, xid }: RpcRecord): ExchangeRecord {
    return {
      exchange: ++this.count,
      client: client.address,
      client_port: client.port,
      server: server.address,
      server_port: server.port,
      transport,
      connection,
      xid,
    } as ExchangeRecord;
  }

  private setSummary(record: ExchangeRecord, exchange: Exchange): void {
    const text = this.summary.of(exchange);
    if (text !== '') record.summary = text;
  }

  private setTransmissions(record: ExchangeRecord, exchange: Exchange): void {
    const { retransmissions, tcpRetransmissions, icmpError } = exchange;
    record.retransmissions = retransmissions;
    if (tcpRetransmissions > 0) record.tcp_retransmissions = tcpRetransmissions;
    if (icmpError !== null) {
      const { frame, file, type, code } = icmpError;
      record.icmp_error = { ...this.records.placeOf(frame, file), type, code };
    }
    if (exchange.hasIncompleteReply) record.incomplete_reply = true;
  }

  private callFrameOf({ callFrame, callFile }: Exchange): ExchangeRecord['call'] {
    return callFrame < 0 ? null : this.records.placeOf(callFrame, callFile);
  }
}

function copyKeys<Key extends keyof RpcRecord>(keys: readonly Key[], from: RpcRecord, to: Pick<RpcRecord, Key>): void {
  for (const key of keys) if (from[key] !== undefined) to[key] = from[key];
}

function setTimes(record: ExchangeRecord, { elapsed, elapsedLast, serverTime }: Exchange): void {
  if (elapsed !== null) record.elapsed = elapsed / 1e9;
  if (elapsedLast !== null) record.elapsed_last = elapsedLast / 1e9;
  if (serverTime !== null) record.server_time = serverTime / 1e9;
}

/** The part of a message that its exchange does not have; the transfer time follows the length. */
function partOf(record: RpcRecord, transfer: number): Part {
  const entries = Object.entries(record).filter(([key]) => !SHARED.has(key));
  if (record.frames !== undefined) {
    entries.splice(entries.findIndex(([key]) => key === 'length') + 1, 0, ['transfer_time', transfer / 1e9]);
  }
  return Object.fromEntries(entries) as unknown as Part;
}
