/**
 * What is odd in the state that NFS clients and servers share: one file a rule, which takes the operations of exchanges that are over
 * and reports. The same rule, client, server and subject is one finding, counted. Bounded; what finds no room is counted.
 */
import type { Exchange } from '../../dissect/exchange.js';
import type { Extent } from '../../dissect/summary.js';
import { MAX_FINDINGS } from '../../limits.js';
import type { Message } from '../../rpc/message.js';
import type { Plan } from '../../xdr/plan.js';
import { type Moment, momentOf } from '../retry-loops.js';

/** Where arguments or results of an operation lie. */
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
  /** null where they were not captured, or there are none. */
  args: Located | null;
  result: Located | null;
  /** null: none is known. */
  status: string | null;
  /** Addresses of the NFS client and server, also of callbacks, which the server calls. */
  client: string;
  server: string;
}

export interface Finding {
  rule: string;
  client: string;
  server: string;
  /** What it is about, such as a flag or a stateid; tells findings of a rule apart. */
  subject: string;
  /** For people. */
  text: string;
  count: number;
  first: Moment;
  last: Moment;
}

/** Tells of something found at a message. */
export type Report = (place: { client: string; server: string }, subject: string, text: string, at: Moment) => void;

export interface Watcher {
  /** Takes each step whose operation is named in the rule. */
  step(step: Step): void;
  /** No more come. */
  end?(): void;
}

export interface FindingRule {
  readonly name: string;
  /** One line: what it finds. */
  readonly about: string;
  readonly operations: readonly string[];
  watch(report: Report): Watcher;
}

/** The message that a step's result, or its arguments, came with. */
export function momentOfStep({ exchange }: Step): Moment {
  return momentOf((exchange.reply ?? exchange.call!).message as Message);
}

export class FindingTable {
  dropped = 0;
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
