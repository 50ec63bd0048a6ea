/** Files and their links (`file-names.ts`), as objects that hold one another. */
import type { ByteWriter } from '../../xdr/byte-writer.js';
import type { EntryPath, Label } from './label.js';
import type { Entry } from './recency-table.js';

/** Something with a handle, or only a name yet. */
export interface File {
  readonly id: number;
  /** Wireshark's hash of its handle, signed; null for a file that was only named. */
  hash: number | null;
  /** The link learnt last; null when no name is known. */
  link: Link | null;
  /** Of a directory with a short path: the path with a slash behind it, as it was when the paths had the number `pathOf`. */
  path: Uint8Array;
  pathOf: number;
  /** The identity that it was said to have; null where that means another file by now, or was forgotten. */
  identity: Key | null;
  /** Its path as text, as it was when it was last asked for. */
  label: DatedLabel | null;
}

/** Holds while the paths have the number `paths`, and the file's newest link is `link`. */
interface DatedLabel extends Label {
  readonly paths: number;
  readonly link: Link | null;
}

/** A name of a file: an entry of a directory. */
export class Link implements Entry {
  chain: Entry | null = null;
  turn = 0;
  /** The file's links, in the order in which they were learnt. */
  older: Link | null = null;
  newer: Link | null = null;
  /** Its path as text, as it was last shown. */
  entry: EntryPath | null = null;

  /**
   * @param parent null for a root: `name` is then a whole path.
   * @param name One character a byte.
   */
  constructor(
    readonly low: number,
    readonly high: number,
    readonly parent: File | null,
    readonly name: string,
    readonly child: File,
  ) {}
}

/** A handle, or an identity, and the file that it means. */
export interface Key extends Entry {
  file: File;
}

/** Writes the hash of a file's handle; false, and nothing is written, for a file that was only named. */
export function writeHash(out: ByteWriter, { hash }: File): boolean {
  if (hash === null) return false;
  out.ascii('0x');
  out.hex32(hash);
  return true;
}
