/**
 * How the columns of the list share a line. A line that nothing cuts has all that there is. A terminal's line keeps room for what happened: endpoints
 * take a third of it at most, and on a narrow terminal columns stand closer and the time that a reply took stands where calls say that
 * they are calls, as tshark's and tcpdump's users know lines without ports or without a word for each direction.
 */
import { ELAPSED_WIDTH } from './time.js';

/** Terminals below this have lines of the narrow kind: with the usual IPv4 addresses the wide kind leaves them less than 30 cells. */
const LEAST_WIDE = 104;

/** Room that endpoints may always take: `192.168.1.100 → 192.168.1.2`. */
const LEAST_ENDPOINTS = 28;

export interface ListLayout {
  /** Between columns. */
  gap: string;
  /** Cells that columns have from the first line on. */
  endpoints: number;
  program: number;
  /** Cells that endpoints and the name of a file have at most. */
  mostEndpoints: number;
  mostFile: number;
  /** Behind the program, before what a call asks for, and before a reply's elapsed time. */
  call: string;
  reply: string;
  /** For a reply of which no elapsed time is known. */
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
