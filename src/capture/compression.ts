/**
 * The compression formats that a capture may be wrapped in, detected by their first bytes. A new format is one file
 * beside this one and one line here.
 */
import type { Decompressor } from './decompressor.js';
import { GZIP_MAGIC, gunzip } from './gzip.js';
import { detectByMagic } from './magic.js';
import { unzstd, ZSTD_MAGICS } from './zstd.js';

const COMPRESSIONS = [
  { magics: [GZIP_MAGIC], value: gunzip },
  { magics: ZSTD_MAGICS, value: unzstd },
];

/**
 * Finds the decompressor. 'more': the bytes may be the beginning of a compressed stream. Null: they are not compressed.
 */
export function detectCompression(bytes: Uint8Array): Decompressor | 'more' | null {
  return detectByMagic<Decompressor>(COMPRESSIONS, bytes);
}
