/**
 * The calls that a connection took over from others that ended, by their slots and by their xids: no more than there are slots, because one
 * that is taken over again, by then another call, is known no longer for what it was.
 */
export class AdoptedCalls {
  /** In the order in which they were taken over. */
  private readonly xids = new Map<number, number>();
  private readonly byXid = new Map<number, number>();

  add(slot: number, xid: number): void {
    const before = this.xids.get(slot);
    if (before !== undefined && this.byXid.get(before) === slot) this.byXid.delete(before);
    this.xids.delete(slot);
    this.xids.set(slot, xid);
    this.byXid.set(xid, slot);
  }

  /** The slot of the newest with this xid. */
  find(xid: number): number | undefined {
    return this.byXid.get(xid);
  }

  /** The xid is that of another call now. */
  forget(xid: number): void {
    this.byXid.delete(xid);
  }

  get slots(): number[] {
    return [...this.xids.keys()];
  }
}
