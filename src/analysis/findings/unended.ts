/**
 * Things that begin and must end: a recalled delegation is returned, a copy completes. A step is known when its exchange
 * is over, so an end may come before its beginning; ends are remembered for a while, in a table of their own, and never
 * push out what goes on. Both tables are bounded. What began first stays, because it has waited longest.
 */

import { MAX_WATCHED } from '../../limits/analysis.js';
import { nanosecondsBetween } from '../../network/stamp.js';
import { Recent } from '../../rpc/recent.js';
import type { Time } from '../account.js';
import type { Moment } from '../retry-loops.js';
import { momentOfStep, type Step } from './finding.js';

export interface Begun {
  client: string;
  server: string;
  /** In hex. */
  stateid: string;
  at: Moment;
  /** True where its end may be among those that are no longer remembered. */
  mayHaveEnded: boolean;
}

export class Unended {
  /** By client and stateid, those that began first in front. */
  private readonly begun = new Map<string, Begun>();
  private readonly ended: Recent<Time>;
  /** When the last of the ends came that are no longer remembered. */
  private forgotten: Time | null = null;

  /** @param forget Is called for each beginning that finds no room. */
  constructor(private readonly forget: () => void) {
    this.ended = new Recent<Time>(MAX_WATCHED, (end) => {
      this.forgotten = end;
    });
  }

  begin(step: Step, stateid: string): void {
    const { client, server } = step;
    const key = `${client} ${stateid}`;
    if (this.begun.has(key) || this.ended.has(key)) return;
    if (this.begun.size >= MAX_WATCHED) return this.forget();
    const mayHaveEnded = this.isBeforeForgotten(step);
    this.begun.set(key, { client, server, stateid, at: momentOfStep(step), mayHaveEnded });
  }

  end(step: Step, stateid: string): void {
    const key = `${step.client} ${stateid}`;
    this.begun.delete(key);
    this.ended.set(key, momentOfStep(step));
  }

  /** What has not ended. */
  rows(): Iterable<Begun> {
    return this.begun.values();
  }

  /** True where an end that is no longer remembered came behind the call of this step. */
  private isBeforeForgotten({ exchange }: Step): boolean {
    if (this.forgotten === null) return false;
    const { seconds, nanoseconds } = exchange.either.message;
    return nanosecondsBetween(seconds, nanoseconds, this.forgotten.seconds, this.forgotten.nanoseconds) >= 0;
  }
}
