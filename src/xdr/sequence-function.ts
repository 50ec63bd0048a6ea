/**
 * The function that steps over values whose types numbers before them tell, as operations of compounds stand in a row: it knows some
 * sequences of numbers, and says which one stands there. Numbers are compared where they stand, and fixed-size values join the run of
 * the next number, so that little is done for each but what its lengths ask for.
 */
import { signedWord } from './codegen.js';
import { ExtractFunction, type ExtractState } from './extract-function.js';
import type { Plan } from './plan.js';

/** A number, and what follows it; null: nothing. */
export interface Numbered {
  number: number;
  plan: Plan | null;
}

/**
 * Steps over `count` values from `from` on. Answers the place of their sequence among those that are known, -1 for none of them or where one
 * is not whole; `bounds` has then where each number stands, and where the last value ends.
 */
export type SequenceWalk = (s: ExtractState, from: number, count: number, bounds: Int32Array) => number;

/** A sequence, and its place among all. */
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

  /** Goes on behind the first `done` values, which all of these sequences share. */
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
