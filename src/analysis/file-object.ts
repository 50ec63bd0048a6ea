/**
 * A file as READ and WRITE carried it: which of its bytes are known, and
 * its names, size and conflicts. The bytes themselves are kept elsewhere.
 */
import { MAX_OBJECT_CONFLICTS } from '../limits/export.js';
import { missingRanges, rangesLength } from '../network/byte-ranges.js';
import type { Message } from '../rpc/message.js';
import { crc32 } from '../xdr/crc32.js';
import type { FileKey, TransferKind } from './file-transfers.js';

/** Bytes of a range that was seen before, now with other contents. */
export interface Conflict {
  kind: TransferKind;
  offset: number;
  length: number;
  frame: number;
  /** Index of the input. */
  file: number;
}

export class FileObject {
  /** Its last known path on the server, and those of its other links; one character a byte. */
  path: string | null = null;
  names: string[] = [];
  /** The path of the written file below the output folder; null until it has one. */
  place: string | null = null;
  reads = 0;
  writes = 0;
  /** WRITEs that the server refused; their bytes are kept nonetheless. */
  failedWrites = 0;
  /** The size by the newest attributes or end of file; null when no reply had either. */
  size: number | null = null;
  /** The known ranges of bytes, sorted: from, to, from, to … */
  readonly ranges: number[] = [];
  /** The known ranges that are zeros because READ_PLUS reported a hole there, without data. */
  readonly zeros: number[] = [];
  /** The first conflicts; `conflictCount` counts all. */
  readonly conflicts: Conflict[] = [];
  conflictCount = 0;
  /** Bytes dropped because a bound was reached. */
  dropped = 0;
  readonly firstFrame: number;
  lastFrame = 0;
  /** Indices of the inputs that these frame numbers refer to. */
  readonly firstFile: number;
  lastFile: number;

  constructor(
    readonly id: number,
    readonly key: FileKey,
    { frame, file }: Message,
  ) {
    this.firstFrame = frame;
    this.firstFile = file;
    this.lastFile = file;
  }

  /** The file's length as far as it is known: up to its size or its last known byte. */
  get length(): number {
    return Math.max(this.size ?? 0, this.ranges.at(-1) ?? 0);
  }

  get present(): number {
    return rangesLength(this.ranges);
  }

  get holes(): [number, number][] {
    return missingRanges(this.ranges, 0, this.length);
  }

  /** The hash of the file handle, as lists show it. */
  get hash(): string {
    const { handle } = this.key;
    return (crc32(handle, 0, handle.length) >>> 0).toString(16).padStart(8, '0');
  }

  count(kind: TransferKind, message: Message): void {
    if (kind === 'read') this.reads++;
    else this.writes++;
    this.lastFrame = message.frame;
    this.lastFile = message.file;
  }

  addConflict(conflict: Conflict): void {
    this.conflictCount++;
    if (this.conflicts.length < MAX_OBJECT_CONFLICTS) this.conflicts.push(conflict);
  }
}
