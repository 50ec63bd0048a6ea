/**
 * Finds the usual shapes of a procedure's compounds by one generated function (`xdr/sequence-function.ts`), in place of
 * a step for each operation. The function is made when enough compounds were seen, and made anew, ever more seldom,
 * while other shapes turn out to be usual. Compounds that it does not know, or that are not whole, are read operation
 * by operation (`operations.ts`); so are all where code generation is refused.
 */
import { MAX_USUAL_SHAPES } from '../limits/dissect.js';
import { canGenerate } from '../xdr/codegen.js';
import { runWalk } from '../xdr/codegen-extract.js';
import { SequenceFunction, type SequenceWalk } from '../xdr/sequence-function.js';
import type { OperationPlaces, Shape } from './operation-shapes.js';

/** A shape that was seen OFTEN times is usual, unless it has more than MAX_LENGTH operations. */
const OFTEN = 16;
const MAX_LENGTH = 16;
/**
 * Compounds read operation by operation before the function is made; each further time it takes PATIENCE times as many.
 */
const FIRST_MISSES = 512;
const PATIENCE = 4;

export class UsualShapes {
  /** The shapes that became usual last, by the numbers of their operations; the newest at the end. */
  private readonly often = new Map<string, Shape>();
  private misses = 0;
  private nextMisses = FIRST_MISSES;
  private walk: SequenceWalk | null = null;
  private shapes: readonly Shape[] = [];

  /** The shape of `count` operations, the first at `at`, whose places are noted; null where it is none of these. */
  find({ bytes, end, bounds }: OperationPlaces, at: number, count: number): Shape | null {
    if (this.walk === null) return null;
    const index = runWalk(this.walk, bytes, at, end, count, bounds);
    return index < 0 ? null : this.shapes[index];
  }

  /** Takes a shape that was not found, and all of whose operations are known. */
  add(shape: Shape): void {
    if (!canGenerate) return;
    this.count(shape);
    if (++this.misses < this.nextMisses) return;
    this.misses = 0;
    this.nextMisses *= PATIENCE;
    const often = [...this.often.values()];
    if (often.some((each) => !this.shapes.includes(each))) this.generate(often);
  }

  private generate(shapes: readonly Shape[]): void {
    this.shapes = shapes;
    this.walk = new SequenceFunction().generateWalk(shapes.map((each) => each.kinds()));
  }

  private count(shape: Shape): void {
    if (shape.length > MAX_LENGTH || ++shape.misses % OFTEN > 0) return;
    const key = shape
      .kinds()
      .map(({ number }) => number)
      .join();
    if (this.often.has(key)) return;
    // A shape of the tree would keep the whole tree.
    this.often.set(key, shape.copy());
    if (this.often.size > MAX_USUAL_SHAPES) this.often.delete(this.often.keys().next().value!);
  }
}
