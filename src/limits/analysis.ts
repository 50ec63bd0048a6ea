/** Bounds of answers about a capture: statistics and reports, `services`, `pending`, `check`. */
import { MiB } from './units.js';

/**
 * Rows of statistics: more than anybody reads. A row takes some 1 KiB and 512 bytes for each doubling of response
 * times: 10 KiB from a microsecond to a second, 40 MiB in all. Of more rows, the smaller half is added up.
 */
export const MAX_STATISTICS_ROWS = 4096;

/**
 * Response times that a report draws: more dots would hide each other in a plot of some 900 by 300 pixels. The slowest
 * are all drawn, with a text of what they are; each takes some 200 bytes of the page.
 */
export const MAX_SAMPLED_TIMES = 4000;
export const MAX_SLOWEST_TIMES = 200;

/** Rows of `rpcdump services` for programs seen in use: a scan of all ports for all programs would make millions. */
export const MAX_SERVICES = 16_384;

/** Calls without a reply that `pending` lists, some 600 bytes each; of more, the oldest are kept. */
export const MAX_PENDING_CALLS = 16_384;

/**
 * Loops of calls that a server is not ready for, of those that go on and of those that are over, and findings: more than anybody reads,
 * some 500 bytes each.
 */
export const MAX_RETRY_LOOPS = 4096;
export const MAX_FINDINGS = 4096;

/** A call that was not refused for so long is not asked again: four times the longest wait of Linux' NFS client, 15 s. */
export const RETRY_SILENCE_SECONDS = 60;

/** Sessions, delegations, copies, clients and servers that one rule of findings watches at a time; some 300 bytes each. */
export const MAX_WATCHED = 16_384;

/** Bytes of a file of rules, and rules in all: a hand-written one has a few dozen of a line each. */
export const MAX_RULE_FILE = 1 * MiB;
export const MAX_RULES = 1000;

/** Frames that a failed rule names when it does not say how many: a screen has room for those of a few rules. */
export const POINTED_FRAMES = 10;

/** The most frames that a rule may ask for: some 200 bytes each, for each rule. */
export const MAX_POINTED_FRAMES = 1000;

/** Other programs, clients … that a rule about what may occur names; a scan of all addresses would bring millions. */
export const MAX_FOUND_VALUES = 16;

/** Clients, servers or connections whose order a rule checks: some 100 bytes each. */
export const MAX_ORDERS = 65_536;
