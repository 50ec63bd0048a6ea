/**
 * The receiver of a walker's records (record-walker.ts), and the tests of evidence.ts that take into account what it
 * knows.
 */
import { read32 } from '../xdr/bytes.js';
import { isCall, isCallOfAnyVersion, isReply, isReplyToKnownCall, type ScanContext } from './evidence.js';
import type { RecordWalker } from './record-walker.js';

/** Receives the records of one direction, and answers questions about the rest of the connection and of the capture. */
export interface RecordSink {
  /**
   * A record of `length` bytes, of which `bytes[start..end)` are there. The walker knows the frames that carried it.
   */
  record(walker: RecordWalker, bytes: Uint8Array, start: number, end: number, length: number): void;
  /** Records may have been lost here, or a record came of which not even the header is known. */
  lost(walker: RecordWalker): void;
  /** True when a call with this xid was seen in the other direction. */
  isKnownXid(walker: RecordWalker, xid: number): boolean;
  /** What a scan of this direction takes into account. */
  scanContext(walker: RecordWalker): ScanContext;
  /** True when one end of this stream is known to be an RPC server. */
  isKnownServer(): boolean;
  /** Bytes without a record were found: true when the stream may be TLS instead. */
  mayBeTls(): boolean;
  /** The stream is TLS. */
  tls(): void;
}

export interface WalkerCounts {
  resynchronisations: number;
  /** Records of which not even the header was captured. */
  headlessRecords: number;
}

/**
 * True for a call, or the reply to a known call: either begins another message of a peer that never marks a last
 * fragment.
 */
export function isMessage(walker: RecordWalker, bytes: Uint8Array, at: number, end: number, length: number): boolean {
  return (
    isCall(bytes, at, end, length) ||
    (isReplyToKnownCall(bytes, at, end) && walker.sink.isKnownXid(walker, read32(bytes, at)))
  );
}

/** True for bytes that may be the first record of a stream. */
export function looksLikeRpc(
  walker: RecordWalker,
  bytes: Uint8Array,
  at: number,
  end: number,
  length: number,
): boolean {
  if (isMessage(walker, bytes, at, end, length) || isReply(bytes, at, end, length)) return true;
  return isCallOfAnyVersion(bytes, at, end, length) && walker.sink.isKnownServer();
}
