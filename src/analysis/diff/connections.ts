/**
 * Relates connections of one recording to those of the other. Where several connections of a client share a lane
 * (mounts, processes), they interleave differently in each recording, while the calls of each stay in order. A call that
 * occurs once on either side votes for its two connections; two that nearly all votes of both agree on are partners.
 * Where a client spreads its calls over connections (nconnect), votes do not agree, and there are none.
 */
import { MAX_DIFF_CONNECTION_VOTES, MAX_DIFF_CONNECTIONS } from '../../limits/diff.js';
import { Recent } from '../../rpc/recent.js';
import { OTHER, type Side } from './aliases.js';
import type { ComparedExchange } from './exchange.js';
import { matchUnique } from './sequence.js';

const LEAST_VOTES = 4;
/** The part of a connection's votes that its partner has. */
const LEAST_SHARE = 0.75;

interface Votes {
  readonly byConnection: Map<number, number>;
  total: number;
  /** The connection with most votes. */
  first: number;
}

export class Connections {
  private readonly votes: Record<Side, Recent<Votes, number>> = {
    expected: new Recent(MAX_DIFF_CONNECTIONS),
    actual: new Recent(MAX_DIFF_CONNECTIONS),
  };

  /** Votes by the calls whose keys occur once on either side. */
  vote(exchanges: Record<Side, readonly ComparedExchange[]>, keys: Record<Side, readonly string[]>): void {
    for (const [i, j] of matchUnique(keys.expected, keys.actual)) {
      const { connection } = exchanges.expected[i].reference;
      const { connection: other } = exchanges.actual[j].reference;
      this.count('expected', connection, other);
      this.count('actual', other, connection);
    }
  }

  /** True where both connections have partners, which are others. */
  conflict(expected: ComparedExchange, actual: ComparedExchange): boolean {
    const role = this.roleOf('expected', expected);
    const other = this.roleOf('actual', actual);
    return role >= 0 && other >= 0 && role !== other;
  }

  /** A number that the connection of an exchange shares with its partner; -1: it has none. */
  roleOf(side: Side, { reference: { connection } }: ComparedExchange): number {
    const partner = this.favourite(side, connection);
    if (partner < 0) return -1;
    const isMutual = this.favourite(OTHER[side], partner) === connection;
    return !isMutual ? -1 : side === 'expected' ? connection : partner;
  }

  private favourite(side: Side, connection: number): number {
    const votes = this.votes[side].get(connection);
    if (votes === undefined || votes.total < LEAST_VOTES) return -1;
    return votesOf(votes, votes.first) >= votes.total * LEAST_SHARE ? votes.first : -1;
  }

  private count(side: Side, connection: number, other: number): void {
    let votes = this.votes[side].use(connection);
    if (votes === undefined) {
      votes = { byConnection: new Map(), total: 0, first: other };
      this.votes[side].set(connection, votes);
    }
    votes.byConnection.set(other, votesOf(votes, other) + 1);
    votes.total++;
    if (votesOf(votes, other) > votesOf(votes, votes.first)) votes.first = other;
    if (votes.total >= MAX_DIFF_CONNECTION_VOTES) halve(votes);
  }
}

function votesOf({ byConnection }: Votes, connection: number): number {
  return byConnection.get(connection) ?? 0;
}

/** Old votes count less and less: a client may have connected again. */
function halve(votes: Votes): void {
  votes.total = 0;
  for (const [connection, count] of votes.byConnection) {
    if (count === 1) votes.byConnection.delete(connection);
    else votes.byConnection.set(connection, count >> 1);
    votes.total += count >> 1;
  }
}
