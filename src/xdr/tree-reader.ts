/**
 * The base of the interpreter: a position in the bytes with its bounds (of the message, and of its captured part), the
 * path of the field being read, nodes, faults and notes.
 */
import { MAX_NOTES } from '../limits/xdr.js';
import { read32 } from './bytes.js';
import type { Plan } from './plan.js';
import { byteCount, exceedsBound, remainingBytes } from './plural.js';
import type { DecodeFault, Input, Leaf, TreeNode } from './tree-node.js';

/** Thrown to end decoding; the interpreter catches it. */
export class Stop {
  /** null: nothing is wrong, but what follows is not known. */
  constructor(readonly fault: DecodeFault | null) {}
}

export class TreeReader {
  protected at: number;
  /** Bytes were captured up to `end`; what is being read reaches to `limit`. */
  protected end: number;
  protected limit: number;
  protected readonly path: string[];
  private readonly firstNotes: string[] = [];
  /** Of which the first MAX_NOTES are kept. */
  protected noteCount = 0;

  constructor(
    protected readonly input: Input,
    root: string,
  ) {
    this.at = input.start;
    this.end = Math.min(input.end, input.limit);
    this.limit = input.limit;
    this.path = [root];
  }

  // Words

  /** Reads a boolean, without moving on. */
  protected readFlag(at: number): boolean {
    this.need(4);
    const word = read32(this.input.bytes, at);
    if (word > 1) this.malformed(at, `${word} is neither TRUE nor FALSE`);
    return word === 1;
  }

  /** A length prefix, checked against what is left of the message. */
  protected readLength(max: number): number {
    this.need(4);
    const length = read32(this.input.bytes, this.at);
    const left = this.limit - this.at - 4;
    if (length > left) this.malformed(this.at, `its length ${length} exceeds the ${remainingBytes(left)}`);
    if (length > max) this.note(exceedsBound(length, 'byte', max));
    this.at += 4;
    return length;
  }

  /** Steps over padding; wrong padding is a note, not a fault. */
  protected pad(from: number, to: number): void {
    this.at = Math.min(to, this.limit);
    if (to > this.limit) this.note('padding is missing');
    for (let at = from; at < Math.min(this.at, this.end); at++) {
      if (this.input.bytes[at] !== 0) return this.note('padding is not zero');
    }
  }

  // Nodes

  /**
   * Runs `action`, which reads the children of `node`, and adds `node` to its siblings if any child was read, even if
   * `action` ends in a fault.
   */
  protected attached(node: TreeNode, siblings: TreeNode[], action: () => void): void {
    try {
      action();
    } finally {
      node.length = this.at - node.offset;
      if (node.children.length > 0) siblings.push(node);
    }
  }

  protected leaf(siblings: TreeNode[], name: string, plan: Plan, size: number, value: Leaf): TreeNode {
    const node = this.add(siblings, name, plan, this.at, value);
    node.length = size;
    this.at += size;
    return node;
  }

  protected add(siblings: TreeNode[], name: string, plan: Plan, offset: number, value: Leaf): TreeNode {
    const node = this.detached(name, plan, offset, value);
    siblings.push(node);
    return node;
  }

  protected detached(name: string, plan: Plan, offset: number, value: Leaf): TreeNode {
    return { name, plan, offset, length: 0, value, children: [] };
  }

  protected close(node: TreeNode): TreeNode {
    node.length = this.at - node.offset;
    return node;
  }

  // Bounds

  protected need(size: number): void {
    this.needFrom(this.at, this.at, size);
  }

  /** Requires `size` bytes at `at` for the field at `offset`. */
  protected needFrom(offset: number, at: number, size: number): void {
    if (at + size > this.limit) {
      this.malformed(offset, `needs ${byteCount(size)}, only ${Math.max(0, this.limit - at)} left`);
    }
    if (at + size > this.end) {
      throw new Stop({ kind: 'truncated', offset, path: this.where(), reason: 'not captured' });
    }
  }

  protected malformed(offset: number, reason: string): never {
    throw new Stop({ kind: 'malformed', offset, path: this.where(), reason });
  }

  protected note(text: string): void {
    if (this.noteCount < MAX_NOTES) this.firstNotes[this.noteCount] = `${this.where()}: ${text}`;
    this.noteCount++;
  }

  protected get notes(): string[] {
    const first = this.firstNotes.slice(0, this.noteCount);
    return this.noteCount > MAX_NOTES ? [...first, `and ${this.noteCount - MAX_NOTES} more`] : first;
  }

  protected where(): string {
    return this.path.join('.').replaceAll('.[', '[');
  }
}
