/** Bounds of tables, reports and trees. */
import { MAX_AWAKE_FLOWS } from './network.js';

/**
 * Directions of connections whose texts (endpoints, program) a list or JSON keeps, some 300 bytes each: those of twice
 * as many connections as are awake. A power of two.
 */
export const MAX_KEPT_DIRECTIONS = 4 * MAX_AWAKE_FLOWS;

/** Rows of a table of statistics: whoever wants more uses a program, with --json or --csv. */
export const MAX_TABLE_ROWS = 200;

/** Rows of a report's tables: as many as a person reads, in a page of some hundred KiB. */
export const MAX_REPORT_ROWS = 200;

/** Procedures whose histogram a report draws: those with most calls. */
export const MAX_REPORT_HISTOGRAMS = 24;

/** Files, clients and slow exchanges that a report lists. */
export const MAX_REPORT_TOP = 25;

/** Words and texts that a tree shows of a body of an unknown program: a screen; JSON has all its bytes. */
export const MAX_SHOWN_WORDS = 64;
