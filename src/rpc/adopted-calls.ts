/**
 * The calls that a connection adopted from ended ones (orphans.ts), by slot and by xid. There is at most one for each
 * slot: if a slot is adopted again it holds another call, and the earlier one is forgotten.
 */
import type { Rest } from '../network/rest.js';

export class AdoptedCalls {
  /** Xids by slot, in the order in which the calls were adopted. */
  private readonly xids = new Map<number, number>();
  private readonly byXid = new Map<number, number>();

  add(slot: number, xid: number): void {
    const before = this.xids.get(slot);
    if (before !== undefined && this.byXid.get(before) === slot) this.byXid.delete(before);
    this.xids.delete(slot);
    this.xids.set(slot, xid);
    this.byXid.set(xid, slot);
  }

  /** The slot of the newest adopted call with this xid. */
  find(xid: number): number | undefined {
    return this.byXid.get(xid);
  }

  /** The xid belongs to another call now. */
  forget(xid: number): void {
    this.byXid.delete(xid);
  }

  /** Writes or reads what is kept at rest. All calls have a reply then, so only resends look for them, by xid. */
  keepAtRest(rest: Rest): void {
    const calls = [...this.byXid];
    const count = rest.integer(calls.length);
    for (let i = 0; i < count; i++) {
      const [xid, slot] = calls[i] ?? [0, 0];
      this.add(rest.integer(slot), rest.integer(xid));
    }
  }

  get slots(): number[] {
    return [...this.xids.keys()];
  }
}
