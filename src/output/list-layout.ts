/**
 * How the columns of the list share a line. Without a terminal nothing is cut. On a terminal a
 * line keeps room for the summary: endpoints take a third of it at most. On a narrow terminal
 * columns are closer, and a reply has its elapsed time in the column where a call has the word
 * "call"; tshark and tcpdump users know lines without ports or without a word for each direction.
 */
import { ELAPSED_WIDTH } from './time.js';

/**
 * Narrower terminals get the narrow layout: with the usual IPv4
 * addresses the wide one would leave less than 30 cells for the summary.
 */
const LEAST_WIDE = 104;

/** Cells that endpoints may always take: `192.168.1.100 → 192.168.1.2`. */
const LEAST_ENDPOINTS = 28;

export interface ListLayout {
  /** Stands between columns. */
  gap: string;
  /** Widths of columns from the first line on. */
  endpoints: number;
  program: number;
  /** The greatest widths of endpoints and of the name of a file. */
  mostEndpoints: number;
  mostFile: number;
  /** The text after the program: before the summary of a call, and before the elapsed time of a reply. */
  call: string;
  reply: string;
  /** Replaces the elapsed time of a reply where it is unknown. */
  noElapsed: string;
}

/** `columns`: cells of the terminal; null: no line is cut. */
export function listLayout(columns: number | null): ListLayout {
  const room = columns ?? Number.POSITIVE_INFINITY;
  const most = { mostEndpoints: Math.max(LEAST_ENDPOINTS, Math.floor(room / 3)), mostFile: Math.floor(room / 6) };
  if (room >= LEAST_WIDE) {
    const noElapsed = ' '.repeat(ELAPSED_WIDTH);
    return { gap: '  ', endpoints: 33, program: 7, ...most, call: ` call  ${noElapsed}`, reply: ' reply', noElapsed };
  }
  const [call, noElapsed] = [` ${'call'.padStart(ELAPSED_WIDTH)} `, 'reply'.padStart(ELAPSED_WIDTH)];
  return { gap: ' ', endpoints: 0, program: 6, ...most, call, reply: ' ', noElapsed };
}
