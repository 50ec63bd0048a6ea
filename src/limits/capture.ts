/** Bounds of reading capture files: bytes read at once, frames, damage, compression, merged files. */
import { KiB, MiB } from './units.js';

/**
 * One read of a capture file. Per byte, reads of 64 KiB cost about four times the CPU time; larger reads gain nothing.
 */
export const READ_CHUNK = 1 * MiB;

/**
 * The longest frame a capture may claim. Wireshark's WTAP_MAX_PACKET_SIZE_STANDARD is 256 KiB, and its largest (USB,
 * D-Bus) 128 MiB; RPC travels in IP packets of at most 64 KiB plus link headers, or in offloaded aggregates (Linux BIG
 * TCP, 512 KiB). A larger claim counts as damage, so that a lying length cannot make the reader wait for gigabytes.
 */
export const MAX_FRAME = 16 * MiB;

/**
 * Unread bytes that a capture reader may leave in its queue when it asks for more: one frame, its headers and options.
 * With more it waits for something that can never come.
 */
export const MAX_QUEUED = MAX_FRAME + 1 * MiB;

/** The last second of the year 9999, since 1970. Later times, and those before 1970, are damage. */
export const MAX_SECONDS = 253_402_300_799;

/**
 * The longest record that the search behind damage in a capture waits for: as long as the longest frame of Wireshark
 * (256 KiB) with its options. Three of them, one after another, must fit into MAX_QUEUED.
 */
export const MAX_DAMAGE_LOOKAHEAD = 320 * KiB;

/**
 * Time between the frame before damage and the records behind it, in seconds: a day. Bytes that are no record have such
 * a time by chance once in 25,000 times.
 */
export const MAX_DAMAGE_TIME = 86_400;

/**
 * Interfaces of a pcapng file, over all its sections: protects against files made of interface blocks only. Each costs
 * about 100 bytes; a merge of thousands of files has one interface for each.
 */
export const MAX_INTERFACES = 65536;

/** Bytes kept of a pcapng interface's name: Linux has at most 15, Windows 50. With MAX_INTERFACES these are 16 MiB. */
export const MAX_INTERFACE_NAME = 256;

/**
 * Read buffers of all captures of a merge together: each file gets a share, so that a directory of 512 files stays
 * within the 150 MB that any command may use (docs/performance.md, "The bars"). More files, of SMALLEST_READ each, take
 * more; and so do compressed ones, which have a second buffer.
 */
export const MERGE_BUFFERS = 32 * MiB;

/** The least that one of many merged captures reads at once: with less, the system calls cost more than the reading. */
export const SMALLEST_READ = 64 * KiB;

/**
 * Files that stay open at a time, of captures that are read together: a process may have 256 open files or more, and a
 * ring buffer may have thousands. Files of one ring follow each other, so hardly any is opened twice.
 */
export const MAX_OPEN_FILES = 128;

/**
 * The pause after which a capture counts as made at another time than those before it: ten
 * times DATAGRAM_ANSWER_SECONDS. Files of a ring buffer follow each other at once, or after the
 * time that the network was idle.
 */
export const CAPTURE_PAUSE_SECONDS = 600;

/**
 * gzip input inflated at once. Deflate expands at most 1032 times (zlib's "maximum compression factor"), so one piece
 * of a bomb costs at most 17 MB before its frames are read. Damage costs what one piece inflates to.
 */
export const GZIP_PIECE = 16 * KiB;

/**
 * Places behind damage at which a compressed stream is tried in a row without getting anything from it. Each may cost what
 * a piece or a block costs, some 10 ms; a stream that flushes every 128 KiB, but never goes on without what was before,
 * is tried for 100 MiB.
 */
export const MAX_RESUMPTIONS = 1000;

/** The window that a zstd frame may ask for: as much as zstd itself accepts (ZSTD_WINDOWLOG_LIMIT_DEFAULT, 27). */
export const MAX_ZSTD_WINDOW = 128 * MiB;
