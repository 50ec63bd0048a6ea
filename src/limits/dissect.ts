/**
 * Bounds of what bodies show and teach: summaries, kept calls, file names, security contexts, sessions and locks.
 */
import { MiB } from './units.js';

/** Nesting of `[…]` in a summary template: parser and compiler recurse. Hand-written ones have fewer than five. */
export const MAX_TEMPLATE_NESTING = 50;

/** Fields that a summary's template reaches, those of their types' `text` included: OPEN of NFSv4 has 235. */
export const MAX_SUMMARY_FIELDS = 2048;

/**
 * Bodies, one inside another, that a line shows: CALLIT carries one. A record may hold thousands, and writing them
 * recurses.
 */
export const MAX_SHOWN_BODIES = 4;

/**
 * Shapes of compounds that one generated function knows: a client has some twenty, and V8 does not optimise
 * functions of more than 60 KB of bytecode.
 */
export const MAX_USUAL_SHAPES = 24;

/**
 * Calls kept with their bytes until the reply comes (`--calls`, `pending`), and those bytes: a part of the 150 MB of
 * the program. A call takes some 600 bytes; a server that stalls for seconds has ten thousand open. Of older calls, and
 * where the bytes are too many, only endpoints, procedure and frame are kept: some 170 bytes a call.
 */
export const MAX_KEPT_CALLS = 16_384;
export const MAX_KEPT_BYTES = 24 * MiB;

/** Open calls whose replies will still teach names; what a call of NFSv4 leaves for its reply takes a kilobyte. */
export const MAX_TEACHING_CALLS = 16_384;

/**
 * File handles (and file numbers) whose names are remembered, and names (directory entries) of files: some 100 bytes
 * each, and the text. A build or a mail spool touches some 100,000 files; the least recently used is forgotten.
 */
export const MAX_KNOWN_HANDLES = 131_072;
export const MAX_KNOWN_LINKS = 131_072;

/** The longest file name remembered: 255 characters, the bound of most file systems, are at most 1020 bytes. */
export const MAX_NAME_KEPT = 1024;

/** Bytes of a path that are shown, the last ones: Linux takes paths of 4096 (PATH_MAX). A longer one cannot be opened. */
export const MAX_PATH_BYTES = 4096;

/** Names of a path that are shown, the last ones: PATH_MAX over 16. A handle may claim to be its own parent. */
export const MAX_PATH_NAMES = 256;

/**
 * The longest path that is kept with its directory, and with the texts of files: of 131,072 directories 32 MiB. A
 * longer one is made again each time, from the nearest directory whose path is kept. Real ones seldom reach 200 bytes.
 */
export const MAX_PATH_KEPT = 256;

/** RPCSEC_GSS contexts known at a time: a client makes one for each of its users and each server. */
export const MAX_GSS_CONTEXTS = 4096;

/** Sequence numbers watched in one context; of all contexts 16 MiB. Solaris offers 128 to 200, Linux 128. */
export const MAX_GSS_WINDOW = 512;

/** Slots of NFSv4.1 sessions whose last request is known, some 200 bytes each: a session uses about two. */
export const MAX_SESSION_SLOTS = 16_384;

/** Asynchronous calls of lock managers, and blocked locks, that wait for their answer: some 200 bytes each. */
export const MAX_LOCK_LINKS = 16_384;
