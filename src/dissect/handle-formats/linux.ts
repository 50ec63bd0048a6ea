/**
 * Handles of Linux's NFS server (fs/nfsd/nfsfh.h): version 1, no authentication, types of file system and file, then
 * both. Older versions of the format are not recognised, because nothing marks them.
 */
import { type HandleFormat, little32 } from './format.js';
import { linuxInode } from './linux-file-id.js';

const HEADER = 4;
/** Bytes of a file system's number, by its type: device and inode, a number, devices, then parts of UUIDs. */
const FSID_LENGTHS = [8, 4, 12, 8, 8, 8, 16, 24];

export const linux: HandleFormat = (bytes, start, end) => {
  if (end - start < HEADER + 4 || bytes[start] !== 1 || bytes[start + 1] !== 0) return null;
  const [type, fileType] = [bytes[start + 2], bytes[start + 3]];
  const length = FSID_LENGTHS[type];
  const file = start + HEADER + length;
  if (length === undefined || file > end) return null;
  const fsid = `fsid ${fsidText(type, bytes, start + HEADER, length)}`;
  if (fileType === 0) return file === end ? `Linux knfsd, ${fsid}, root` : null;
  const inode = linuxInode(fileType, bytes, file, end - file);
  return inode === null ? null : `Linux knfsd, ${fsid}, inode ${inode}`;
};

/** A device number as new_encode_dev (include/linux/kdev_t.h) makes it: the minor number's high bits stand above the major number. */
function deviceText(device: number): string {
  return `${(device >>> 8) & 0xfff}:${(device & 0xff) | ((device >>> 12) & 0xfff00)}`;
}

/** A device as `major:minor`, a number, or the bytes. */
function fsidText(type: number, bytes: Uint8Array, at: number, length: number): string {
  if (type === 0) return `${(bytes[at] << 8) | bytes[at + 1]}:${(bytes[at + 2] << 8) | bytes[at + 3]}`;
  if (type === 1) return String(little32(bytes, at));
  if (type === 3) return deviceText(little32(bytes, at));
  return Buffer.from(bytes.subarray(at, at + length)).toString('hex');
}
