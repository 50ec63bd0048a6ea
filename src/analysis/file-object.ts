/** A file as READ and WRITE carried it: which of its bytes are there, and what is known of it. The bytes themselves are elsewhere. */
import { MAX_OBJECT_CONFLICTS } from '../limits.js';
import { missingRanges, rangesLength } from '../network/byte-ranges.js';
import type { Message } from '../rpc/message.js';
import { crc32 } from '../xdr/crc32.js';
import type { FileKey, TransferKind } from './file-transfers.js';

/** Bytes that came again and were others. */
export interface Conflict {
  kind: TransferKind;
  offset: number;
  length: number;
  frame: number;
}

export class FileObject {
  /** Its path on the server as last known, and those of its other links; a character a byte. */
  path: string | null = null;
  names: string[] = [];
  /** Where it was written to, below the folder; null until then. */
  place: string | null = null;
  reads = 0;
  writes = 0;
  /** WRITEs that the server refused; their bytes are there nonetheless. */
  failedWrites = 0;
  /** As attributes or an end of file told last; null when nothing did. */
  size: number | null = null;
  /** Bytes that are there, sorted: from, to, from, to … */
  readonly ranges: number[] = [];
  /** What of them is zeros because that was told. */
  readonly zeros: number[] = [];
  /** The first ones; `conflictCount` are all. */
  readonly conflicts: Conflict[] = [];
  conflictCount = 0;
  /** Bytes that came beyond a bound. */
  dropped = 0;
  lastFrame = 0;
  readonly firstFrame: number;
  /** Index of the capture that these frames are of. */
  readonly file: number;

  constructor(
    readonly id: number,
    readonly key: FileKey,
    { frame, file }: Message,
  ) {
    this.firstFrame = frame;
    this.file = file;
  }

  /** Bytes from the first to the last that is there or known of. */
  get length(): number {
    return Math.max(this.size ?? 0, this.ranges.at(-1) ?? 0);
  }

  get present(): number {
    return rangesLength(this.ranges);
  }

  get holes(): [number, number][] {
    return missingRanges(this.ranges, 0, this.length);
  }

  /** Of the handle, as lists show it. */
  get hash(): string {
    const { handle } = this.key;
    return (crc32(handle, 0, handle.length) >>> 0).toString(16).padStart(8, '0');
  }

  count(kind: TransferKind, message: Message): void {
    if (kind === 'read') this.reads++;
    else this.writes++;
    this.lastFrame = message.frame;
  }

  addConflict(conflict: Conflict): void {
    this.conflictCount++;
    if (this.conflicts.length < MAX_OBJECT_CONFLICTS) this.conflicts.push(conflict);
  }
}
