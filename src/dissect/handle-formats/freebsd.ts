/**
 * Handles of FreeBSD's NFS server (fhandle_t, sys/mount.h): two words of file system, then a struct fid of 20 bytes
 * with its own length. Those of UFS (struct ufid: 12 bytes, inode and generation) and of ZFS (zfid_short: object of six
 * bytes) are recognised, if the rest is zero.
 */
import { type HandleFormat, little16, little32 } from './format.js';

const LENGTH = 28;
const FID = 8;
const UFS = 12;
const ZFS = 10;

export const freebsd: HandleFormat = (bytes, start, end) => {
  if (end - start !== LENGTH) return null;
  const length = little16(bytes, start + FID);
  const fsid = `fsid 0x${little32(bytes, start).toString(16)}.0x${little32(bytes, start + 4).toString(16)}`;
  if (length !== UFS && length !== ZFS) return null;
  for (let at = start + FID + 2 + length; at < end; at++) if (bytes[at] !== 0) return null;
  if (length === UFS) {
    return little16(bytes, start + FID + 2) === 0
      ? `FreeBSD, ${fsid}, inode ${little32(bytes, start + FID + 4)}`
      : null;
  }
  const object = little32(bytes, start + FID + 2) + little16(bytes, start + FID + 6) * 0x1_0000_0000;
  return `FreeBSD ZFS, ${fsid}, inode ${object}`;
};
