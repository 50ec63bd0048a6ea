/** Bounds of what leaves a capture: frames of `-w`, `--anonymize`, files of `--export-objects`. */
import { KiB, MiB } from './units.js';

/** Comments in a written capture: some 100 bytes each. Further messages are written without. */
export const MAX_FRAME_COMMENTS = 200_000;

/**
 * Frames of calls sent again that `-w` remembers until it is known whether the reply is selected: 8 MiB, of more than ten
 * thousand calls.
 */
export const MAX_RESENT_FRAMES = 1 << 20;

/** Connections whose end `-w` remembers until it is known whether a selected call waits for its reply: some 4 MiB. */
export const MAX_CLOSED_CONNECTIONS = 32_768;

/** TCP segments in IP fragments whose frames `-w` remembers until it is known whether they are needed: some 8 MiB. */
export const MAX_FRAGMENTED_SEGMENTS = 32_768;

/** Frames of standard input kept until it is known whether they will be written: five seconds of 100 Mbit/s. */
export const MAX_STORED_FRAME_BYTES = 64 * MiB;

/**
 * Memory of a stored frame besides its bytes: objects and a table entry. Without it, small frames would not be bounded.
 */
export const STORED_FRAME_OVERHEAD = 1 * KiB;

/**
 * The same for frames that are anonymised, each with the places of its bytes in its stream: making them takes a part of
 * the program's 150 MB, too. A message of 1 MiB is complete after some 700 frames; these are 5,000 full ones, other
 * connections' frames between them included.
 */
export const MAX_ANONYMIZED_FRAME_BYTES = 18 * MiB;
export const ANONYMIZED_FRAME_OVERHEAD = 2 * KiB;

/**
 * Addresses, and permutations of octets, that --anonymize remembers: some 500 bytes each; others are computed again.
 */
export const MAX_ANONYMIZED_ADDRESSES = 16_384;

/** The same for names, handles and other short values. */
export const MAX_ANONYMIZED_TEXTS = 65_536;

/** Files that --export-objects tells apart: some 500 bytes each. Data of other files is left out and counted. */
export const MAX_OBJECTS = 65_536;

/** Files of --export-objects open at a time: a quarter of the usual limit of 1024 (RLIMIT_NOFILE). */
export const MAX_OPEN_OBJECTS = 256;

/** Separate pieces of one file, and of all files: 16 bytes each. A file read at random places has thousands. */
export const MAX_OBJECT_PIECES = 65_536;
export const MAX_OBJECT_PIECES_TOTAL = 1 << 20;

/** The largest believable offset: the largest file of ext4 (16 TiB). Files are sparse, so a lie costs no space. */
export const MAX_OBJECT_SIZE = 16 * 1024 * 1024 * MiB;

/** Bytes written in all: more than a capture on an ordinary disk holds, so that a bomb does not fill the disk. */
export const MAX_OBJECT_BYTES = 64 * 1024 * MiB;

/**
 * Blocks and bytes that --export-objects makes of the patterns of WRITE_SAME, beyond those that were sent. A call of
 * 100 bytes may ask for any number; these are some seconds of writing, and no more than a capture of middle size.
 */
export const MAX_SAME_BLOCKS = 65_536;
export const MAX_SAME_BYTES = 1024 * MiB;

/** The longest name of a file: 255 bytes on Linux, less a suffix that keeps equal names apart. */
export const MAX_OBJECT_NAME = 240;

/** The longest path below the folder of --export-objects: Linux takes 4096 bytes in all. The last parts are kept. */
export const MAX_OBJECT_PATH = 3072;

/** Places of one file that are reported because they were read or written with other bytes than before; all are counted. */
export const MAX_OBJECT_CONFLICTS = 64;
