/** What a walker (`record-walker.ts`) hands its records to, and what their bytes must show for it (`evidence.ts`), with what their sink knows. */
import { read32 } from '../xdr/bytes.js';
import { isCall, isCallOfAnyVersion, isReply, isReplyToKnownCall } from './evidence.js';
import type { RecordWalker } from './record-walker.js';

/** Takes the records of one direction, and answers what only the rest of the program knows. */
export interface RecordSink {
  /** A record: `bytes[start..end)` of `length`; which frames carried it stands in the walker. */
  record(walker: RecordWalker, bytes: Uint8Array, start: number, end: number, length: number): void;
  /** Records may have been lost here, or one was of which not even the header is known. */
  lost(walker: RecordWalker): void;
  /** True when a call with this xid was seen in the other direction. */
  isKnownXid(walker: RecordWalker, xid: number): boolean;
  /** The program of the newest call in this direction; -1 where it had none. */
  newestProgram(walker: RecordWalker): number;
  /** False where this direction had calls, and the other one had none. */
  mayAnswer(walker: RecordWalker): boolean;
  /** True when one end of this stream is known to serve RPC. */
  isKnownServer(walker: RecordWalker): boolean;
  /** Asks about bytes in which no record was found whether the stream may be TLS instead. */
  mayBeTls(walker: RecordWalker): boolean;
  /** It is. */
  tls(walker: RecordWalker): void;
}

export interface WalkerCounts {
  resynchronisations: number;
  /** Records of which not even the header was there. */
  headlessRecords: number;
}

/** True for a call, or the reply to one that was seen: what begins another message of a peer that never marks a last fragment. */
export function isMessage(walker: RecordWalker, bytes: Uint8Array, at: number, end: number, length: number): boolean {
  return (
    isCall(bytes, at, end, length) ||
    (isReplyToKnownCall(bytes, at, end) && walker.sink.isKnownXid(walker, read32(bytes, at)))
  );
}

/** True for what may be the first record of a stream. */
export function looksLikeRpc(
  walker: RecordWalker,
  bytes: Uint8Array,
  at: number,
  end: number,
  length: number,
): boolean {
  if (isMessage(walker, bytes, at, end, length) || isReply(bytes, at, end, length)) return true;
  return isCallOfAnyVersion(bytes, at, end, length) && walker.sink.isKnownServer(walker);
}
