/**
 * `--only`: keeps chosen top-level keys of records. It edits
 * the record's text, so that the writers need not know of it.
 */
import type { ByteWriter } from '../xdr/byte-writer.js';

/** The keys of records, in order (record.schema.json). */
export const RECORD_KEYS = (
  'message frame frames file interface connection time time_epoch transport src src_port dst dst_port length xid type program ' +
  'program_number version procedure procedure_number operation operations failed_operation call_frame call_file elapsed reply_stat credential ' +
  'verifier accept_stat reject_stat mismatch auth_stat status status_number error summary names args result result_hex retransmission related ' +
  'truncated malformed undecoded notes'
).split(' ');

/** The keys of exchanges, in order (schemas/exchange.schema.json). */
export const EXCHANGE_KEYS = (
  'exchange client client_port server server_port transport connection xid program program_number version procedure procedure_number ' +
  'operation operations failed_operation outcome elapsed elapsed_last server_time status status_number error summary names ' +
  'retransmissions tcp_retransmissions icmp_error incomplete_reply call reply'
).split(' ');

/** The keys of the messages in `call` and `reply`. */
export const PART_KEYS = (
  'message frame frames file interface time time_epoch length transfer_time credential reply_stat verifier accept_stat reject_stat ' +
  'mismatch auth_stat args result result_hex related truncated malformed undecoded notes'
).split(' ');

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;

/** Keeps the members of the object at `bytes[start..length)` whose keys are in `keys`. */
export function keepKeys(out: ByteWriter, start: number, keys: ReadonlySet<string>): void {
  const { bytes, length } = out;
  let to = start + 1;
  for (let at = start + 1; at < length - 1; ) {
    const end = memberEnd(bytes, at, length - 1);
    const key = bytes.toString('utf8', at + 1, bytes.indexOf(QUOTE, at + 1));
    if (keys.has(key)) {
      if (to > start + 1) bytes[to++] = COMMA;
      bytes.copyWithin(to, at, end);
      to += end - at;
    }
    at = end + 1;
  }
  bytes[to] = 0x7d;
  out.length = to + 1;
}

/** The end of the member that begins at `from`: a comma outside of strings and brackets, or `limit`. */
function memberEnd(bytes: Uint8Array, from: number, limit: number): number {
  let depth = 0;
  for (let at = from; at < limit; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) at = stringEnd(bytes, at);
    else if (byte === 0x7b || byte === 0x5b) depth++;
    else if (byte === 0x7d || byte === 0x5d) depth--;
    else if (byte === COMMA && depth === 0) return at;
  }
  return limit;
}

function stringEnd(bytes: Uint8Array, quote: number): number {
  let at = quote + 1;
  while (bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
  return at;
}
