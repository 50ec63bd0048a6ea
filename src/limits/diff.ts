/** Bounds of comparing two recordings, which are read at the same time and share the memory of the program. */
import { MAX_AWAKE_FLOWS } from './network.js';
import { MAX_EXCHANGES, MAX_RECORDS_TOTAL } from './rpc.js';
import { KiB, MiB } from './units.js';

/**
 * The window of `diff`: exchanges of either recording among which counterparts are found, at some 500 bytes each, and
 * their fields at some 15 bytes, so that both windows stay within 12 MB. It bounds differences of order: a client has
 * at most hundreds of calls in flight, but a script may run its steps in parallel.
 */
export const DIFF_WINDOW = 4096;
export const DIFF_WINDOW_FIELDS = 262_144;

/**
 * Bytes of waiting exchanges in blocks outside of the heap, for windows and findings; more have buffers of their own.
 */
export const MAX_DIFF_BYTES = 24 * MiB;

/**
 * Exchanges of one client, server and program that wait for a later counterpart: each is compared with every newcomer.
 */
export const MAX_DIFF_UNMATCHED = 512;

/** Keys of exchanges that were given up, to tell whether the other recording has them beyond the window: four windows. */
export const MAX_DIFF_UNMATCHED_KEYS = 16_384;

/** Findings that wait for an earlier one which may be missing or may have moved: half a window. */
export const MAX_DIFF_FINDINGS = 2048;

/**
 * Pairs remembered to tell whether order changed, some 200 bytes each: two windows, because clients that are
 * compared each on its own share them.
 */
export const MAX_DIFF_RECENT = 8192;

/** Lanes (a client, a server, a program) beyond which those are forgotten in which nothing waits. */
export const MAX_DIFF_LANES = 4096;

/** The newest pairs of one lane, which are searched for pairs that crossed: half a window. */
export const MAX_DIFF_LANE_PAIRS = 2048;

/**
 * Connections of either recording whose counterparts are known, and votes for these, which are halved at so many. Each
 * vote may be for another connection, at some 40 bytes: 10 MB for both recordings at worst. A lane of a busy host has
 * tens of connections, and the share of a counterpart is certain with far fewer votes.
 */
export const MAX_DIFF_CONNECTIONS = 1024;
export const MAX_DIFF_CONNECTION_VOTES = 128;

/** Ended exchanges that wait for the reply to an earlier call: several times the calls in flight of a busy client. */
export const MAX_DIFF_HELD = 1024;

/** Exchanges of either recording known at a time: both share what one pass over a capture may know. */
export const MAX_DIFF_EXCHANGES = MAX_EXCHANGES / 2;

/** Bytes kept of unfinished records of either recording: both share what one pass may keep. */
export const MAX_DIFF_RECORDS_TOTAL = MAX_RECORDS_TOTAL / 2;

/**
 * Flows of either recording kept as objects, so that both together take 4 MiB: more clients than a test has at a time.
 */
export const MAX_DIFF_AWAKE_FLOWS = MAX_AWAKE_FLOWS / 4;

/**
 * Names (handles, verifiers, stateids …) of either recording that are matched to names of the other, some 250 bytes
 * each: 16 MiB a recording. Nobody reads a test that touches more files at a time.
 */
export const MAX_DIFF_NAMES = 65_536;

/** Hosts of either recording that are paired with those of the other, some 60 bytes each. */
export const MAX_DIFF_HOSTS = 65_536;

/** Bytes of a file's contents kept for comparison: a page. Longer contents are compared by length and fingerprint. */
export const MAX_DIFF_CONTENTS = 4 * KiB;

/** Paths for which the exchanges that changed them are counted: more than the fields of any program's results. */
export const MAX_DIFF_PATHS = 4096;

/** Characters of a value that text shows, a line of a wide terminal; JSON has the whole value. */
export const MAX_DIFF_SHOWN = 120;
