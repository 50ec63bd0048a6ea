/**
 * Generates a function that steps over a sequence of values, each behind a number that tells its type, as the
 * operations of a compound are. The function knows some sequences of numbers, and says which of them it found. A
 * fixed-size value joins the run of the next number, so that one bounds check covers both.
 */
import { signedWord } from './codegen.js';
import { ExtractFunction, type ExtractState } from './extract-function.js';
import type { Plan } from './plan.js';

/** A number, and the plan of the value behind it; null where none follows. */
export interface Numbered {
  number: number;
  plan: Plan | null;
}

/**
 * Steps over `count` values from offset `from`. Returns the index of their sequence
 * among the known ones; -1 for an unknown one, and where a value is not whole. When
 * found, `bounds` has the offset of each number, then the end of the last value.
 */
export type SequenceWalk = (s: ExtractState, from: number, count: number, bounds: Int32Array) => number;

/** A sequence, and its index among all. */
interface Known {
  index: number;
  values: readonly Numbered[];
}

export class SequenceFunction extends ExtractFunction {
  generateWalk(sequences: readonly (readonly Numbered[])[]): SequenceWalk {
    const known = sequences.map((values, index) => ({ index, values }));
    this.line('switch (count) {');
    for (const [count, ofCount] of groupBy(known, ({ values }) => values.length)) {
      this.line(`case ${count}: {`);
      this.next(ofCount, 0);
      this.line('}');
    }
    this.line('}');
    const before = [this.depthCheck(), 'const i = s.i, end = s.end; let p = from;'];
    return this.assemble<SequenceWalk>('s, from, count, bounds', before, 'return -1;', null);
  }

  /** Generates what follows the first `done` values, which all of the sequences in `known` share. */
  private next(known: readonly Known[], done: number): void {
    if (done === known[0].values.length) {
      this.endRun();
      this.line(`bounds[${done}] = p; return ${known[0].index};`);
      return;
    }
    const at = this.read(4);
    const number = this.fresh();
    this.line(`const ${number} = ${signedWord(at)}; bounds[${done}] = ${at};`);
    const choices = groupBy(known, ({ values }) => values[done].number);
    if (choices.size === 1) {
      this.line(`if (${number} !== ${known[0].values[done].number}) return -1;`);
      return this.follow(known, done);
    }
    this.endRun();
    this.line(`switch (${number}) {`);
    for (const [choice, ofChoice] of choices) {
      this.line(`case ${choice}: {`);
      this.follow(ofChoice, done);
      this.line('}');
    }
    this.line('} return -1;');
  }

  private follow(known: readonly Known[], done: number): void {
    const { plan } = known[0].values[done];
    if (plan !== null) this.value(plan, undefined, true, true);
    this.next(known, done + 1);
  }
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => number): Map<number, T[]> {
  const groups = new Map<number, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}
