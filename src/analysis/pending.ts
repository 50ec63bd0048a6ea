/**
 * What hangs in a capture: calls that wait, calls that are repeated because the server is not ready,
 * connections that did not open, and findings about the state of NFS.
 */
import type { Exchange } from '../dissect/exchange.js';
import type { UnopenedConnection, UnopenedConnections } from '../rpc/unopened-connections.js';
import type { Finding } from './findings/finding.js';
import { Findings } from './findings/index.js';
import { type PendingCall, PendingCalls } from './pending-calls.js';
import { type RetryLoop, RetryLoops } from './retry-loops.js';

/** The results, and how many of them found no room. */
export interface PendingReport {
  /** The oldest first. */
  calls: readonly PendingCall[];
  /** The loops, those with the most replies first. */
  loops: readonly RetryLoop[];
  findings: readonly Finding[];
  /** Those that were tried first come first. */
  connections: readonly UnopenedConnection[];
  /** Calls whose reply may be lost to the capture: it is unknown whether they waited. */
  lostToCapture: number;
  /** Calls that a server may leave without a reply (`dissect/silence.ts`). */
  silent: number;
  /** `refusals`: replies to calls of loops that are not followed; `states`: what rules of findings no longer watch. */
  dropped: {
    calls: number;
    loops: number;
    refusals: number;
    findings: number;
    states: number;
    connections: number;
  };
}

export class Pending {
  private readonly calls = new PendingCalls();
  private readonly loops = new RetryLoops();
  private readonly findings = new Findings();

  /** Takes a finished exchange. */
  readonly add = (exchange: Exchange): void => {
    this.calls.add(exchange);
    this.loops.add(exchange);
    this.findings.add(exchange);
  };

  /** To be called once, after the last exchange. @param unopened null: connections do not matter. */
  report(unopened: UnopenedConnections | null = null): PendingReport {
    const { calls, loops, findings } = this;
    return {
      calls: calls.rows(),
      loops: loops.rows(),
      findings: findings.rows(),
      connections: unopened?.rows() ?? [],
      lostToCapture: calls.lostToCapture,
      silent: calls.silent,
      dropped: {
        calls: calls.dropped,
        loops: loops.dropped,
        refusals: loops.unfollowed,
        ...findings.dropped,
        connections: unopened?.dropped ?? 0,
      },
    };
  }
}
