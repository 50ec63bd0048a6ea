/** The state of a connection when its calls were given up: shown to users who ask why no reply came. */
import type { Direction } from '../network/flow.js';
import type { EndReason, SideStates } from '../network/stream.js';

/**
 * `reset`: by an RST. `closed`: by both sides. `replaced`: a new SYN took its ports. `client_closed`, `server_closed`:
 * that side sends no more. `server_full`, `client_full`: that side takes no more bytes for now (a TCP window of 0). The
 * client is the side that called. `open`: none of these.
 */
export const CONNECTION_STATES = [
  'open',
  'reset',
  'closed',
  'replaced',
  'client_closed',
  'server_closed',
  'server_full',
  'client_full',
] as const;
export type ConnectionState = (typeof CONNECTION_STATES)[number];

/** The state of a connection for the calls in the direction `calls`. */
export function connectionState(reason: EndReason, sides: SideStates, calls: Direction): ConnectionState {
  if (reason === 'reset' || reason === 'closed' || reason === 'replaced') return reason;
  const client = sides[calls];
  const server = sides[calls ^ 1];
  if (server.hasFinished) return 'server_closed';
  if (client.hasFinished) return 'client_closed';
  if (server.isFull) return 'server_full';
  return client.isFull ? 'client_full' : 'open';
}
