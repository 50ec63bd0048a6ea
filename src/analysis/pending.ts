/** What hangs in a capture: calls that wait, calls that are asked again and again, and what is odd in the state of NFS. */
import type { Exchange } from '../dissect/exchange.js';
import type { Finding } from './findings/finding.js';
import { Findings } from './findings/index.js';
import { type PendingCall, PendingCalls } from './pending-calls.js';
import { type RetryLoop, RetryLoops } from './retry-loops.js';

/** What was found, and how much of it found no room. */
export interface PendingReport {
  /** The oldest first. */
  calls: readonly PendingCall[];
  /** The longest first. */
  loops: readonly RetryLoop[];
  findings: readonly Finding[];
  /** Calls whose reply may be lost to the capture: nobody knows whether they waited. */
  lostToCapture: number;
  /** Calls that a server may leave without a reply: one-way ones, and broadcasts of what it does not serve. */
  silent: number;
  dropped: { calls: number; loops: number; findings: number };
}

export class Pending {
  private readonly calls = new PendingCalls();
  private readonly loops = new RetryLoops();
  private readonly findings = new Findings();

  /** Takes an exchange that is over. */
  readonly add = (exchange: Exchange): void => {
    this.calls.add(exchange);
    this.loops.add(exchange);
    this.findings.add(exchange);
  };

  /** To be asked once, when no more exchanges come. */
  report(): PendingReport {
    const { calls, loops, findings } = this;
    return {
      calls: calls.rows(),
      loops: loops.rows(),
      findings: findings.rows(),
      lostToCapture: calls.lostToCapture,
      silent: calls.silent,
      dropped: { calls: calls.dropped, loops: loops.evicted, findings: findings.dropped },
    };
  }
}
