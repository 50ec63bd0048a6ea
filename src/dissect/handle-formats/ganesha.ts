/**
 * Handles of NFS-Ganesha (src/include/nfs_fh.h): version 0x43, flags, export, length, then what its file system layer made. That of VFS
 * (src/FSAL/FSAL_VFS) holds the file system's number and Linux's handle of the file. Padding of the last word may belong to the handle.
 */
import { type HandleFormat, little32, little64 } from './format.js';
import { linuxInode } from './linux-file-id.js';

const VERSION = 0x43;
const HEADER = 5;
/** Of the first byte of a VFS handle: whether it is no file, how many bytes the file's type takes (here one), the kind of number. */
const DUMMY = 0x20;
const TYPE_MASK = 0xc0;
const TYPE_OF_ONE_BYTE = 0x40;
const FSID_MASK = 0x1f;
/** Bytes of a file system's number, by its kind. */
const FSID_LENGTHS = [0, 8, 8, 16, 8, 8];
const TWO_WORDS = 4;

export const ganesha: HandleFormat = (bytes, start, end) => {
  const length = bytes[start + 4];
  const limit = start + HEADER + length;
  if (bytes[start] !== VERSION || end - start < HEADER || limit > end || end - limit > 3) return null;
  const found = `NFS-Ganesha, export ${(bytes[start + 2] << 8) | bytes[start + 3]}`;
  const file = fileText(bytes, start + HEADER, limit);
  return file === null ? found : `${found}, ${file}`;
};

/** The file in words, of a VFS handle; null for those of other layers. */
function fileText(bytes: Uint8Array, at: number, end: number): string | null {
  const kind = bytes[at] & FSID_MASK;
  const fsidLength = FSID_LENGTHS[kind];
  if (fsidLength === undefined || (bytes[at] & (TYPE_MASK | DUMMY)) !== TYPE_OF_ONE_BYTE) return null;
  const type = at + 1 + fsidLength;
  if (type >= end) return null;
  const inode = linuxInode(bytes[type], bytes, type + 1, end - type - 1);
  return inode === null ? null : `fsid ${fsidText(kind, bytes, at + 1, fsidLength)}, inode ${inode}`;
}

function fsidText(kind: number, bytes: Uint8Array, at: number, length: number): string {
  if (kind === TWO_WORDS) return `0x${hex(little32(bytes, at))}.0x${hex(little32(bytes, at + 4))}`;
  if (length === 16) return `0x${hex(little64(bytes, at))}.0x${hex(little64(bytes, at + 8))}`;
  return length === 8 ? `0x${hex(little64(bytes, at))}` : 'none';
}

function hex(value: number | bigint): string {
  return value.toString(16);
}
