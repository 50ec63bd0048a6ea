/**
 * The key by which an exchange finds its counterpart: what is called, with which arguments, and for each
 * file handle the pair that it belongs to. Handles without a pair are all the same in a key. But while
 * handles seem to have outlived the time between the recordings, a handle that an exchange of the other
 * side waits with stands for itself; otherwise a missing exchange would be paired with the next one.
 */
import { type Aliases, FILE_HANDLE, OTHER, type Side } from './aliases.js';
import type { ComparedExchange } from './exchange.js';

/** Stands in a key for a handle without a pair. */
const UNKNOWN = '\u0001';

/** True for a key that identifies its exchange: all of its handles are known. */
export function isExact(key: string): boolean {
  return !key.includes(UNKNOWN);
}

export class Keys {
  /** How many waiting exchanges have a file handle. */
  private readonly handles: Record<Side, Map<string, number>> = { expected: new Map(), actual: new Map() };

  constructor(private readonly aliases: Aliases) {}

  /** An exchange begins to wait for its counterpart. */
  enter(side: Side, exchange: ComparedExchange): void {
    const handles = this.handles[side];
    for (const value of exchange.handles) handles.set(value, (handles.get(value) ?? 0) + 1);
  }

  /** It waits no longer. */
  leave(side: Side, exchange: ComparedExchange): void {
    const handles = this.handles[side];
    for (const value of exchange.handles) {
      const count = handles.get(value) ?? 0;
      if (count > 1) handles.set(value, count - 1);
      else handles.delete(value);
    }
  }

  /**
   * The key of an exchange, by the handles that are known now. Of names only handles count: they tell
   * which file a call is about. Another session or stateid is a difference, but of the same call.
   */
  keyOf(side: Side, { action, fields, handles }: ComparedExchange): string {
    let key = `${action} ${fields.argumentsPrint}`;
    for (const handle of handles) key += ` ${this.nameOf(side, handle)}`;
    return key;
  }

  /** True if the keys of both are the same; without making them, because each is compared with many. */
  haveSameKey(expected: ComparedExchange, actual: ComparedExchange): boolean {
    return (
      expected.action === actual.action &&
      expected.fields.argumentsPrint === actual.fields.argumentsPrint &&
      this.haveSameFiles(expected, actual)
    );
  }

  /** The text behind a key: a line for each argument. */
  textOf(side: Side, { action, fields, handles }: ComparedExchange): string {
    const lines = fields.argumentLines;
    let text = action + lines[0];
    for (let i = 0; i < handles.length; i++) text += this.nameOf(side, handles[i]) + lines[i + 1];
    return text;
  }

  /**
   * True if the handles of both can be of the same files. Keys
   * of calls with the same fields can differ in nothing else.
   */
  haveSameFiles(expected: ComparedExchange, actual: ComparedExchange): boolean {
    return (
      expected.handles.length === actual.handles.length &&
      expected.handles.every(
        (handle, i) => this.nameOf('expected', handle) === this.nameOf('actual', actual.handles[i]),
      )
    );
  }

  private nameOf(side: Side, handle: string): string {
    const { aliases } = this;
    const place = { alias: FILE_HANDLE, value: handle, scope: '' };
    const pair = aliases.find(side, place);
    if (pair !== undefined) return `#${pair.id}`;
    if (!aliases.handlesPersist) return UNKNOWN;
    const other = OTHER[side];
    const isAwaited = this.handles[other].has(handle) && aliases.find(other, place) === undefined;
    return isAwaited ? `=${handle}` : UNKNOWN;
  }
}
