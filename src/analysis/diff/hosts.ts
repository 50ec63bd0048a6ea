/**
 * Pairs the hosts of both recordings. A host that is in both is itself; the others are paired in
 * the order in which they appear. Addresses of a host in fields are mapped as other names are.
 */
import { MAX_DIFF_HOSTS } from '../../limits/diff.js';
import type { Side } from './aliases.js';

export class Hosts {
  private readonly roles: Record<Side, Map<string, number>> = { expected: new Map(), actual: new Map() };
  /** Hosts without a counterpart so far, in order of appearance. */
  private readonly open: Record<Side, Set<string>> = { expected: new Set(), actual: new Set() };
  /** Pairs of hosts so far. */
  count = 0;

  /** Takes the hosts of either recording in order of appearance. */
  add(side: Side, host: string): void {
    const open = this.open[side];
    if (this.roles[side].has(host) || this.roles[side].size + open.size >= MAX_DIFF_HOSTS) return;
    open.add(host);
    if (this.open[side === 'expected' ? 'actual' : 'expected'].has(host)) this.pair(host, host);
  }

  /** Also pairs hosts that are not in both recordings. */
  pairOthers(): void {
    const others = this.open.actual.values();
    for (const host of this.open.expected) {
      const { done, value } = others.next();
      if (done === true) return;
      this.pair(host, value);
    }
  }

  isKnown(side: Side, host: string): boolean {
    return this.roles[side].has(host);
  }

  /** A host's part in the key of a lane; a host without counterpart stands for itself. */
  roleOf(side: Side, host: string): string {
    const role = this.roles[side].get(host);
    return role === undefined ? host : `#${role}`;
  }

  private pair(expected: string, actual: string): void {
    const role = ++this.count;
    this.roles.expected.set(expected, role);
    this.roles.actual.set(actual, role);
    this.open.expected.delete(expected);
    this.open.actual.delete(actual);
  }
}
