/**
 * Generated code: plans become functions. This is the only file that makes code from text, and no name of a `.x` ever
 * becomes code: keys are JSON.stringify'd or stored as numbers, everything else is an entry of a constant table.
 *
 * Generated code knows good messages only. At anything else (a fault, a note, a type that depends on the call) it gives
 * up, and the interpreter does that message again. So the two can differ only where generated code accepts what the
 * interpreter would not; the property tests look for that. Where code generation is refused
 * (`--disallow-code-generation-from-strings`, `--no-codegen`) the interpreter serves alone.
 *
 * Each struct or union has one function, entered into its cache before its members are generated, so that recursion
 * ends. A run of fixed-size fields has one bounds check.
 */
import { MAX_BITMAP_WORDS, MAX_DEPTH } from '../limits/xdr.js';
import {
  type ArrayPlan,
  type BitmapPlan,
  type FieldPlan,
  type ListPlan,
  leastSize,
  type NumberPlan,
  type OpaquePlan,
  type OptionalPlan,
  type Plan,
  type StructPlan,
  type UnionPlan,
} from './plan.js';

/** True where this process may make code from text. */
export const canGenerate = tryToGenerate();

function tryToGenerate(): boolean {
  try {
    return new Function('return true')() === true;
  } catch {
    return false;
  }
}

/** The function of `parameters` that runs `lines`, which know `constants` by their keys. */
export function makeFunction<F>(
  parameters: string,
  lines: readonly string[],
  constants: Readonly<Record<string, unknown>>,
): F {
  const source = ['"use strict"; return (', parameters, ') => {\n', ...lines, '};'].join('\n');
  return new Function(...Object.keys(constants), source)(...Object.values(constants)) as F;
}

/** Holds a function that may not be generated yet. */
export interface Cell<F> {
  f: F;
}

/** Generated functions by plan, made when they are first called. */
export class Cells<F extends (...parameters: never[]) => unknown> {
  private readonly cells = new Map<Plan, Cell<F>>();

  constructor(private readonly generate: (plan: Plan) => F) {}

  get(plan: Plan): Cell<F> {
    let cell = this.cells.get(plan);
    if (cell === undefined) {
      const made = {} as Cell<F>;
      made.f = ((...parameters: Parameters<F>) => {
        made.f = this.generate(plan);
        return made.f(...parameters);
      }) as F;
      cell = made;
      this.cells.set(plan, cell);
    }
    return cell;
  }
}

/** Levels of nested types that one function generates in place; deeper ones have functions of their own. */
const MAX_NESTING = 8;

/** Types that hold others. */
export type CompositePlan = ArrayPlan | OptionalPlan | ListPlan | StructPlan | UnionPlan;

/**
 * Collects the lines of one function. A run is a sequence of fixed-size
 * fields: one check covers its bytes, and offsets within it are constants.
 */
export class Emitter {
  protected readonly lines: string[] = [];
  private readonly constants: unknown[] = [];
  private names = 0;
  /** Where the checks of the current run go in `lines` (-1: no run is open), and the bytes that it reads. */
  private run = -1;
  private reads = 0;
  /** Nested types that are open at this point, and the most that are open anywhere in the function. */
  protected nesting = 0;
  private deepest = 0;

  /** The function of `parameters` that runs the lines; `k` is the table of constants, `r` the runtime. */
  protected assemble<F>(parameters: string, before: string[], after: string, runtime: unknown): F {
    return makeFunction(parameters, [...before, ...this.lines, after], { r: runtime, k: this.constants });
  }

  /** Adds `size` bytes to the current run; returns the expression of their offset. */
  protected read(size: number): string {
    this.openRun();
    const at = this.reads === 0 ? 'p' : `p + ${this.reads}`;
    this.reads += size;
    return at;
  }

  protected openRun(): void {
    if (this.run >= 0) return;
    this.run = this.lines.push('') - 1;
    this.reads = 0;
  }

  /** Closes the current run: its checks are known now. */
  protected endRun(): void {
    if (this.run < 0) return;
    const checks = this.reads > 0 ? [`if (p + ${this.reads} > end) ${this.giveUpFor(`p + ${this.reads}`)}`] : [];
    this.lines[this.run] = [...checks, ...this.moreChecks()].join(' ');
    if (this.reads > 0) this.line(`p += ${this.reads};`);
    this.run = -1;
  }

  /** The statement that gives up: the interpreter does the message. */
  protected giveUp(): string {
    return 'return -1;';
  }

  /** The same where the bytes up to `needed` are not there. */
  protected giveUpFor(_needed: string): string {
    return this.giveUp();
  }

  /** Checks of a run beside that of the bytes it reads. */
  protected moreChecks(): string[] {
    return [];
  }

  /** Generates a value that holds others: each such level counts against MAX_DEPTH, as the interpreter counts. */
  protected nested<Result>(action: () => Result): Result {
    this.deepest = Math.max(this.deepest, ++this.nesting);
    const result = action();
    this.nesting--;
    return result;
  }

  /**
   * True for types that are generated where they are used: small structs, whose fields join the run around them, and
   * arrays, lists and optionals (which typedefs can nest without end, so up to MAX_NESTING levels).
   */
  protected isInPlace(plan: Plan): boolean {
    if (plan.kind === 'struct') return isSmall(plan);
    return plan.kind !== 'union' && this.nesting < MAX_NESTING;
  }

  /** The statement that gives up where this function's levels would be too many. */
  protected depthCheck(): string {
    return `if (s.depth + ${this.deepest} > ${MAX_DEPTH}) ${this.giveUp()}`;
  }

  /** Where the bytes of an opaque begin, how many they are, and where the next value begins; `p` is where they begin. */
  protected extent(plan: OpaquePlan): [from: string, length: string, next: string] {
    if (plan.length < 0) return this.counted(plan.max);
    this.endRun();
    return this.checked(`${plan.length}`);
  }

  /** The same for bytes behind a length prefix. */
  protected counted(max: number): [from: string, length: string, next: string] {
    const at = this.read(4);
    const length = this.fresh();
    this.line(`const ${length} = ${word(at)};`);
    this.endRun();
    this.line(`if (${length} > ${max} || ${length} > end - p) ${this.giveUp()}`);
    return this.checked(length);
  }

  private checked(length: string): [from: string, length: string, next: string] {
    const next = this.fresh();
    this.line(`const ${next} = p + ${length} + (-${length} & 3);`);
    this.line(`if (${next} > end || !r.zeros(b, p + ${length}, ${next})) ${this.giveUp()}`);
    return ['p', length, next];
  }

  /**
   * The count of an array, in a variable; gives up where its elements cannot be there. Elements that take no bytes are
   * counted by the interpreter alone.
   */
  protected elementCount({ length, max, element }: ArrayPlan): string {
    const count = this.fresh();
    const least = leastSize(element);
    this.line(`const ${count} = ${length < 0 ? word(this.read(4)) : length};`);
    this.endRun();
    this.line(`if (${count} > ${max} || ${count} * ${least} > end - p || ${least === 0}) ${this.giveUp()}`);
    return count;
  }

  /** The number of words of a bitmap, in a variable; gives up where they cannot be there. */
  protected wordCount({ max }: BitmapPlan): string {
    const count = this.fresh();
    this.line(`const ${count} = ${word(this.read(4))};`);
    this.endRun();
    this.line(`if (${count} > ${Math.min(max, MAX_BITMAP_WORDS)} || ${count} * 4 > end - p) ${this.giveUp()}`);
    return count;
  }

  /** The flag of an optional; returns the condition that its value is there. */
  protected presence(): string {
    const at = this.read(4);
    const flag = this.fresh();
    this.line(`const ${flag} = ${word(at)}; if (${flag} > 1) ${this.giveUp()}`);
    this.endRun();
    return `${flag} === 1`;
  }

  /** A switch over a union's discriminant; `generate` makes the code of an arm, null for a void one. */
  protected arms(plan: UnionPlan, discriminant: string, generate: (arm: FieldPlan | null) => void): void {
    const close = (arm: FieldPlan | null) => {
      generate(arm);
      this.endRun();
      this.line('break;');
    };
    this.endRun();
    this.line(`switch (${discriminant}) {`);
    for (const [arm, values] of groupArms(plan)) {
      for (const value of values) this.line(`case ${value}:`);
      close(arm);
    }
    this.line('default:');
    if (plan.otherwise === undefined) this.line(this.giveUp());
    else close(plan.otherwise);
    this.line('}');
  }

  /** Requires the padding of `length` bytes at `at` to be zero. */
  protected zeros(at: string, length: number): void {
    const padding = -length & 3;
    const from = `${at} + ${length}`;
    if (padding > 0) this.line(`if (!r.zeros(b, ${from}, ${from} + ${padding})) ${this.giveUp()}`);
  }

  protected line(text: string): void {
    this.lines.push(text);
  }

  protected fresh(): string {
    return `v${this.names++}`;
  }

  protected constant(value: unknown): string {
    return `k[${this.constants.push(value) - 1}]`;
  }
}

/** Arms with the values that select them. */
function groupArms(plan: UnionPlan): Map<FieldPlan | null, number[]> {
  const groups = new Map<FieldPlan | null, number[]>();
  for (const [value, arm] of plan.arms) {
    const values = groups.get(arm);
    if (values === undefined) groups.set(arm, [value]);
    else values.push(value);
  }
  return groups;
}

const FIXED_LEAVES: ReadonlySet<Plan['kind']> = new Set([
  'int',
  'unsigned',
  'hyper',
  'unsignedHyper',
  'float',
  'double',
  'quadruple',
  'bool',
  'enum',
]);

/** A few fixed-size fields. */
function isSmall(plan: StructPlan): boolean {
  return plan.fields.length <= 4 && plan.fields.every((field) => FIXED_LEAVES.has(field.plan.kind));
}

/** The expression of the signed 32-bit word at an offset; `i` is the view of the message's bytes. */
export function signedWord(at: string): string {
  return `i.getInt32(${at})`;
}

/** The expression of the unsigned 32-bit word at an offset. */
export function word(at: string): string {
  return `i.getUint32(${at})`;
}

/** The expression of the float or double at an offset. */
export function floatAt({ kind }: NumberPlan, at: string): string {
  return kind === 'float' ? `i.getFloat32(${at})` : `i.getFloat64(${at})`;
}

/** The expression of the discriminant at an offset, as unions have its values. */
export function discriminantAt({ kind }: Plan, at: string): string {
  return kind === 'unsigned' || kind === 'bool' ? word(at) : signedWord(at);
}
