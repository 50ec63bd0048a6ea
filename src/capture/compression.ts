/**
 * The compression formats that a capture may be wrapped in, detected by their first bytes. A new format is one file
 * beside this one and one line here.
 */
import type { Decompressor } from './decompressor.js';
import { GZIP_MAGIC, gunzip } from './gzip.js';
import { detectByMagic, type NamedMagic } from './magic.js';
import { unzstd, ZSTD_MAGICS } from './zstd.js';

const COMPRESSIONS: readonly NamedMagic<Decompressor>[] = [
  { name: 'gzip', magics: [GZIP_MAGIC], value: gunzip },
  { name: 'zstd', magics: ZSTD_MAGICS, value: unzstd },
];

export const COMPRESSION_NAMES: readonly string[] = COMPRESSIONS.map(({ name }) => name);

/**
 * Finds the decompressor. 'more': the bytes may be the beginning of a compressed stream. Null: they are not compressed.
 */
export function detectCompression(bytes: Uint8Array): Decompressor | 'more' | null {
  return detectByMagic(COMPRESSIONS, bytes);
}
