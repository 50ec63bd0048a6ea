/**
 * The part of a handle that the Linux kernel makes for a file (exportfs, include/linux/exportfs.h): a type that says
 * how long it is and where the inode number stands. Numbers are in the byte order of the server's processor;
 * little-endian is assumed.
 */
import { little32, little64 } from './format.js';

/** By type: bytes, and whether the inode number is of 64 bits. Types of file systems that hold no inode number are left out. */
const TYPES = new Map<number, { length: number; wide: boolean }>([
  [0x01, { length: 8, wide: false }],
  [0x02, { length: 16, wide: false }],
  [0x4d, { length: 20, wide: true }],
  [0x4e, { length: 32, wide: true }],
  [0x4f, { length: 40, wide: true }],
  [0x81, { length: 12, wide: true }],
  [0x82, { length: 24, wide: true }],
]);

/** The inode number in the `length` bytes at `at`; null where the type does not say, or says another length. */
export function linuxInode(type: number, bytes: Uint8Array, at: number, length: number): string | null {
  const layout = TYPES.get(type);
  if (layout === undefined || layout.length !== length) return null;
  return String(layout.wide ? little64(bytes, at) : little32(bytes, at));
}
