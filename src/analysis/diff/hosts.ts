/**
 * Pairs the hosts of both recordings. A host that is in both is itself; the others are paired in
 * the order in which they appear. Addresses of a host in fields are mapped as other names are.
 */
import { MAX_DIFF_HOSTS } from '../../limits.js';
import { SIDES, type Side } from './aliases.js';

export class Hosts {
  private readonly roles: Record<Side, Map<string, number>> = { expected: new Map(), actual: new Map() };
  /** Hosts without a counterpart so far, in order of appearance. */
  private readonly open: Record<Side, Set<string>> = { expected: new Set(), actual: new Set() };
  private count = 0;

  /** Takes the hosts of either recording in order of appearance. `isDue`: also pairs those that are not in both. */
  add(hosts: Record<Side, Iterable<string>>, isDue: boolean): void {
    for (const side of SIDES) {
      for (const host of hosts[side]) {
        if (this.roles[side].size + this.open[side].size >= MAX_DIFF_HOSTS) break;
        if (!this.roles[side].has(host)) this.open[side].add(host);
      }
    }
    const { expected, actual } = this.open;
    for (const host of [...expected].filter((each) => actual.has(each))) this.pair(host, host);
    if (!isDue) return;
    const others = [...actual];
    for (const [index, host] of [...expected].slice(0, others.length).entries()) this.pair(host, others[index]);
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
