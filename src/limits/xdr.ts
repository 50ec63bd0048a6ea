/** Bounds of types, values and their texts. */

/** Nesting of types while a body is decoded; deeper nesting takes more stack than a hostile body deserves. */
export const MAX_DEPTH = 200;

/**
 * Nesting of the types of a `.x`, one referring to the next; types that refer to each other in a cycle count one by one.
 * Plans and generated code are made recursively. Published protocols have fewer than 30 levels.
 */
export const MAX_TYPE_NESTING = 1000;

/** Elements of no bytes (void, empty structs) that a count may announce: no bytes of the message bound them. */
export const MAX_EMPTY_ELEMENTS = 1024;

/**
 * Words of a bitmap: NFSv4.2 has bits in three. A megabyte of bits would become thirty of their numbers, in each line
 * and record.
 */
export const MAX_BITMAP_WORDS = 32;

/** Bitmaps for which the sizes of the values are remembered, by place: a client asks for a few sets of attributes. */
export const MAX_KNOWN_BITMAPS = 64;

/** Notes kept of one message: a damaged list could make one for each element. */
export const MAX_NOTES = 16;

/** Bytes of an opaque that a line or a tree shows in hex (32: a SHA-256 sum); JSON has them all. */
export const MAX_SHOWN_BYTES = 32;

/**
 * Bytes of an opaque that are shown as text (hint `show text`). A longer one is shown in hex, cut off; NFSv4's owners
 * have at most 1024 (NFS4_OPAQUE_LIMIT).
 */
export const MAX_SHOWN_TEXT = 1024;

/** Elements of an array of numbers that a line shows: an AUTH_SYS credential has at most 16 groups. */
export const MAX_SHOWN_ELEMENTS = 16;

/** Texts kept for the values of one enum, set of flags or mode: more than any program defines or a capture combines. */
export const MAX_WORD_TEXTS = 256;

/** Encoded texts that a writer remembers: more than the names of programs, procedures and statuses in one capture. */
export const MAX_CACHED_TEXTS = 4096;
