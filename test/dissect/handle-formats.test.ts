/** Handles of known servers, taken from captures or made by their published layouts; and those that only look like one. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { describeHandle } from '../../src/dissect/handle-formats/index.js';

function describeHex(hex: string): string | null {
  const bytes = Buffer.from(`ee${hex}ee`, 'hex');
  return describeHandle(bytes, 1, bytes.length - 1);
}

test.each<[string, string, string | null]>([
  ['knfsd, root of an export', '0100010001000000', 'Linux knfsd, fsid 1, root'],
  ['knfsd, XFS', '010001810100000081000800000000001dd1b8da', 'Linux knfsd, fsid 1, inode 524417'],
  [
    'knfsd, ext4, device and inode of the root',
    '0100000100080001020000000c00000005000000',
    'Linux knfsd, fsid 8:1, inode 12',
  ],
  ['knfsd, device of a minor number above 255', '0100030001fd10000c000000', 'Linux knfsd, fsid 253:257, root'],
  ['knfsd, UUID', `01000601${'ab'.repeat(16)}0c00000005000000`, `Linux knfsd, fsid ${'ab'.repeat(16)}, inode 12`],
  ['knfsd, a word too long', '010001810100000081000800000000001dd1b8da00000000', null],
  ['knfsd, authenticated', '010101810100000081000800000000001dd1b8da', null],
  ['knfsd, unknown type of file', '010001500100000081000800000000001dd1b8da', null],
  [
    'Ganesha, NFSv3 (padded)',
    '430000011244603e4239139c8010015683210016dd183700',
    'NFS-Ganesha, export 1, fsid 0x39423e60.0x10809c13, inode 2196310',
  ],
  [
    'Ganesha, NFSv4',
    '430000011244603e4239139c801001b6022100e2cff39e',
    'NFS-Ganesha, export 1, fsid 0x39423e60.0x10809c13, inode 2163382',
  ],
  ['Ganesha, another file system layer', '43000003080102030405060708', 'NFS-Ganesha, export 3'],
  ['Ganesha, a length that lies', '4300000140', null],
  [
    'FreeBSD UFS',
    '11223344556677880c00000002000000abcdef010000000000000000',
    'FreeBSD, fsid 0x44332211.0x88776655, inode 2',
  ],
  [
    'FreeBSD ZFS',
    '11223344556677880a000300000000002a0000000000000000000000',
    'FreeBSD ZFS, fsid 0x44332211.0x88776655, inode 3',
  ],
  ['FreeBSD, bytes behind its end', '11223344556677880c00000002000000abcdef010000000000000001', null],
  ['nothing', '', null],
  ['a gfid', '00000000000000000000000000000001', null],
])('%s', (_, hex, expected) => expect(describeHex(hex)).toBe(expected));

test('no bytes make it fail, and it looks at no others', () => {
  const start = fc.constantFrom([], [1, 0, 1, 1], [1, 0, 6], [0x43, 0, 0, 1], [0x43]);
  fc.assert(
    fc.property(start, fc.uint8Array({ maxLength: 64 }), (first, rest) => {
      const hex = Buffer.from([...first, ...rest]).toString('hex');
      const alone = Buffer.from(hex, 'hex');
      expect(describeHex(hex)).toBe(describeHandle(alone, 0, alone.length));
    }),
  );
});
