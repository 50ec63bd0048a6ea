/** Bounds of the command line: the line of progress, `-i`, and `--jobs`. */
import { KiB, MiB } from './units.js';

/** Inputs of this size on disk show their progress: smaller ones are read within a second or two. */
export const PROGRESS_BYTES = 64 * MiB;

/**
 * KiB in the kernel for frames that the tcpdump of `-i` has not read yet. libpcap keeps a slot of a frame's greatest
 * length for each (64 KiB with segmentation offload and on loopback), so its own 2 MiB are 32 frames: a burst of 480
 * frames lost 180 to 680. With 16 MiB none was lost; this is twice as much.
 */
export const CAPTURE_BUFFER_KIB = 32_768;

/** Characters kept of what the capture program of `-i` writes to standard error: the last ones, with its counts of drops. */
export const MAX_CAPTURE_PROGRAM_TEXT = 4 * KiB;

/**
 * Messages pass between threads (`--jobs`) in blocks: some 500 messages of metadata, or a millisecond's work, so that a
 * handover costs nothing and no message waits long for the last.
 */
export const UNIT_BLOCK = 64 * KiB;

/**
 * Blocks in use at a time (filled, rendered, waiting): enough that the faster thread finds work, even while the other's
 * code is not compiled yet. With their texts 10 MiB. With 8, both threads of a list of 400 MB slept for twice as long.
 */
export const UNIT_BLOCKS = 32;

/** Of these, blocks that must be free before a frame is read: one frame may end a gap and release all that waited. */
export const SPARE_UNIT_BLOCKS = 8;

/**
 * Blocks that wait for the writing thread, for each thread besides it, before the reading thread renders too. With 1
 * the writing thread at times runs dry (the list takes a tenth longer); with 4 to 12 it does not.
 */
export const MAX_WAITING_UNIT_BLOCKS = 8;

/** Text made of a block ahead of its turn: JSON is some four times the messages. The rest is made again in its turn. */
export const UNIT_BLOCK_TEXT = 256 * KiB;

/** The longest message that is rendered ahead: longer ones are few, and would take the room of many. */
export const MAX_RENDERED_AHEAD = 4 * KiB;

/** Programs for which the procedures that cannot be rendered ahead are remembered: 4 KiB each; a capture has a few. */
export const MAX_KNOWN_KINDS = 64;
