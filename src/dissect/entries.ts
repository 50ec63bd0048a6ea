/**
 * Reads the elements of a list (or counted array) one after the other: where the chosen fields of each lie. Directory
 * listings have hundreds of elements, so nothing is made for one; the reader is the cursor.
 */
import { read32 } from '../xdr/bytes.js';
import { Extractor } from '../xdr/codegen-extract.js';
import type { Plan } from '../xdr/plan.js';
import type { Extent } from './extent.js';

export class EntryReader {
  private readonly extractor: Extractor;
  private readonly isList: boolean;
  /** Elements of a fixed array; -1 when their count precedes them. */
  private readonly fixed: number;
  private extent!: Extent;
  private at = -1;
  /** Elements left of an array. */
  private left = 0;

  constructor(plan: Plan & { kind: 'list' | 'array' }, paths: readonly string[]) {
    this.extractor = new Extractor(plan.element, paths);
    this.isList = plan.kind === 'list';
    this.fixed = plan.kind === 'array' ? plan.length : -1;
  }

  /** Goes to the first element of the list at `at`; -1 is a list that is not there. */
  begin(extent: Extent, at: number): void {
    this.extent = extent;
    this.at = at;
    if (this.isList || at < 0) return;
    this.left = this.fixed;
    if (this.fixed >= 0) return;
    this.left = at + 4 > extent.end ? 0 : read32(extent.bytes, at);
    this.at += 4;
  }

  /** Steps to the next element; false when there is no other one that is whole. */
  next(): boolean {
    const { bytes, end } = this.extent;
    if (this.at < 0 || !this.hasMore()) return false;
    const start = this.at;
    this.at = this.extractor.findNext(bytes, start, end);
    // Elements without bytes are all alike, and a count may claim any number of them.
    if (this.at === start) this.left = 0;
    return this.at >= 0;
  }

  /** Offset of a field of the element, by its place among the paths; -1 where it is not there. */
  field(index: number): number {
    return this.extractor.at(index);
  }

  private hasMore(): boolean {
    if (!this.isList) return this.left-- > 0;
    const { bytes, end } = this.extent;
    if (this.at + 4 > end || read32(bytes, this.at) !== 1) return false;
    this.at += 4;
    return true;
  }
}
