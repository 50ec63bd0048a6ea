/**
 * Findings: oddities in the state that NFS clients and servers share. Each rule has a file; it
 * takes the operations of finished exchanges and reports. Reports of the same rule, client,
 * server and subject are one finding, counted. Bounded; findings beyond the bound are counted.
 */
import type { Exchange } from '../../dissect/exchange.js';
import type { Extent } from '../../dissect/extent.js';
import { MAX_FINDINGS } from '../../limits/analysis.js';
import type { Plan } from '../../xdr/plan.js';
import { type Moment, momentOf } from '../retry-loops.js';

/** The place of an operation's arguments or results. */
export interface Located {
  plan: Plan;
  extent: Extent;
  at: number;
}

/** One operation of a compound, or a procedure of NFSv3. */
export interface Step {
  exchange: Exchange;
  /** Without prefix: `SEQUENCE`. */
  name: string;
  /** null where they were not captured, or do not exist. */
  args: Located | null;
  result: Located | null;
  /** null: unknown. */
  status: string | null;
  /** Addresses of the NFS client and server; of callbacks too, although the server sends these. */
  client: string;
  server: string;
}

export interface Finding {
  rule: string;
  client: string;
  server: string;
  /** What the finding is about, such as a flag or a stateid; it tells the findings of a rule apart. */
  subject: string;
  /** The finding in words. */
  text: string;
  count: number;
  first: Moment;
  last: Moment;
}

/** Reports a finding at a message. */
export type Report = (place: { client: string; server: string }, subject: string, text: string, at: Moment) => void;

export interface Watcher {
  /** Takes each step whose operation the rule names. */
  step(step: Step): void;
  /** Called after the last step. */
  end?(): void;
}

export interface FindingRule {
  readonly name: string;
  readonly operations: readonly string[];
  /** @param forget Is called for each state that the rule no longer watches, because there are too many. */
  watch(report: Report, forget: () => void): Watcher;
}

/** The message of a step's result; without a reply, that of its arguments. */
export function momentOfStep({ exchange }: Step): Moment {
  return momentOf((exchange.reply ?? exchange.call!).message);
}

export class FindingTable {
  /** Findings beyond the bound, and states that rules no longer watch. */
  dropped = 0;
  unwatched = 0;
  private readonly findings = new Map<string, Finding>();

  report(rule: string, place: { client: string; server: string }, subject: string, text: string, at: Moment): void {
    const key = `${rule} ${place.client} ${place.server} ${subject}`;
    const known = this.findings.get(key);
    if (known !== undefined) {
      known.count++;
      known.last = at;
      known.text = text;
    } else if (this.findings.size >= MAX_FINDINGS) this.dropped++;
    else {
      const { client, server } = place;
      this.findings.set(key, { rule, client, server, subject, text, count: 1, first: at, last: at });
    }
  }

  rows(): Finding[] {
    return [...this.findings.values()];
  }
}
