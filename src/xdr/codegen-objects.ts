/**
 * The base of generated values and generated trees: walks over a plan, and generates code that makes an object of every
 * type. Subclasses decide what the objects look like, by methods that return expressions. As all generated code, it
 * gives up at anything but a good message.
 */
import { padded, viewOf } from './bytes.js';
import {
  Cells,
  type CompositePlan,
  canGenerate,
  discriminantAt,
  Emitter,
  floatAt,
  signedWord,
  word,
} from './codegen.js';
import { objectRuntime } from './codegen-runtime.js';
import {
  type ArrayPlan,
  type BitmapPlan,
  type EnumPlan,
  type FieldPlan,
  leastSize,
  type NumberPlan,
  type OpaquePlan,
  type Plan,
  type StructPlan,
  type UnionPlan,
} from './plan.js';

/** State of one run of generated code. */
interface ObjectState {
  /** The message's bytes, the same as a Buffer (for text) and as a view; what is there ends at `end`. */
  b: Uint8Array;
  t: Buffer;
  i: DataView;
  end: number;
  /** Where the next value begins, or -1: given up. */
  p: number;
  depth: number;
}

/** Makes the object of the value at `p`, and sets `s.p`; `n` is its name. */
type Make = (s: ObjectState, p: number, n: string) => unknown;

/** Returned by a compiler where the interpreter has to do the message. */
export const GAVE_UP: unique symbol = Symbol('gave up');

/** Fixed-size opaques up to this many bytes join the run around them. */
const SMALL = 64;

/** Generated functions that make objects, by plan. */
export class ObjectCompiler<Made> {
  private readonly cells: Cells<Make>;
  private readonly state: ObjectState = {
    b: new Uint8Array(0),
    t: Buffer.alloc(0),
    i: new DataView(new ArrayBuffer(0)),
    end: 0,
    p: 0,
    depth: 0,
  };

  constructor(
    newFunction: (cells: Cells<Make>) => ObjectFunction,
    private readonly isEnabled = true,
  ) {
    this.cells = new Cells((plan) => newFunction(this.cells).generate(plan));
  }

  /**
   * Makes the object of a value that fills `bytes[at..limit)`, or gives up: then the interpreter has to do it. `name` is
   * that of a tree's root.
   */
  make(plan: Plan, bytes: Uint8Array, at: number, limit: number, name = ''): Made | typeof GAVE_UP {
    if (!this.isEnabled || !canGenerate) return GAVE_UP;
    const { state } = this;
    if (state.b !== bytes) this.setBytes(bytes);
    state.end = limit;
    state.depth = 0;
    const made = this.cells.get(plan).f(state, at, name);
    return state.p === limit ? (made as Made) : GAVE_UP;
  }

  private setBytes(bytes: Uint8Array): void {
    const { buffer, byteOffset, length } = bytes;
    this.state.b = bytes;
    this.state.t = Buffer.from(buffer, byteOffset, length);
    this.state.i = viewOf(bytes);
  }
}

/** Generates one function. Methods that take a value's name take the expression of it. */
export abstract class ObjectFunction extends Emitter {
  constructor(private readonly cells: Cells<Make>) {
    super();
  }

  generate(plan: Plan): Make {
    const made = this.value(plan, 'n', true);
    this.endRun();
    const before = [this.depthCheck(), 'const b = s.b, i = s.i, end = s.end;'];
    return this.assemble<Make>('s, p, n', before, `s.p = p; return ${made};`, objectRuntime);
  }

  // What the objects look like

  /** The name of a member and of the element at `index`. */
  protected abstract memberName(name: string): string;
  protected abstract elementName(index: string): string;
  /** Keeps where a value begins, if that matters. */
  protected abstract start(at: string): string;
  protected abstract nothing(): string;
  protected abstract enumerated(plan: EnumPlan, value: string): string;
  protected abstract text(from: string, to: string): string;
  protected abstract bytes(from: string, to: string): string;
  protected abstract bits(plan: BitmapPlan, from: string, to: string): string;
  /** A leaf of `size` bytes at `at`. */
  protected abstract leaf(plan: Plan, name: string, at: string, size: string, value: string): string;
  protected abstract optional(plan: Plan, name: string, start: string, content: string | null): string;
  /** `elements`: the variable that holds them. */
  protected abstract sequence(plan: Plan, name: string, start: string, elements: string): string;
  protected abstract object(
    plan: Plan,
    name: string,
    start: string,
    members: [field: FieldPlan, made: string][],
  ): string;

  protected override giveUp(): string {
    return '{ s.p = -1; return; }';
  }

  // Values

  /** Generates a value; answers the expression of its object. `isRoot` says that this function is the plan's own. */
  private value(plan: Plan, name: string, isRoot = false): string {
    switch (plan.kind) {
      case 'void':
        return this.keep(this.leaf(plan, name, this.here(), '0', this.nothing()));
      case 'int':
      case 'unsigned':
      case 'hyper':
      case 'unsignedHyper':
      case 'float':
      case 'double':
      case 'quadruple':
        return this.number(plan, name);
      case 'bool':
      case 'enum':
        return this.discriminant(plan, name)[0];
      case 'string': {
        if (plan.isTerminated) return this.leave();
        const [from, length, next] = this.counted(plan.max);
        return this.counting(plan, name, next, this.text(from, `${from} + ${length}`));
      }
      case 'opaque':
        return this.opaque(plan, name);
      case 'bitmap':
        return this.bitmap(plan, name);
      case 'array':
      case 'optional':
      case 'list':
      case 'struct':
      case 'union':
        return isRoot || this.isInPlace(plan) ? this.nested(() => this.composite(plan, name)) : this.call(plan, name);
      default:
        return this.leave();
    }
  }

  /** Leaves a value to the interpreter: what depends on other fields or on the call, texts with a NUL at their end. */
  private leave(): string {
    this.endRun();
    this.line(this.giveUp());
    return 'undefined';
  }

  private composite(plan: CompositePlan, name: string): string {
    switch (plan.kind) {
      case 'array':
        return this.array(plan, name);
      case 'optional':
        return this.optionalData(plan, plan.element, name);
      case 'list':
        return this.list(plan, plan.element, plan.leading, name);
      case 'struct':
        return this.struct(plan, name);
      case 'union':
        return this.union(plan, name);
    }
  }

  /** The function of another type. */
  private call(plan: Plan, name: string): string {
    const cell = this.constant(this.cells.get(plan));
    const made = this.fresh();
    this.endRun();
    this.line(`s.depth += ${this.nesting}; const ${made} = ${cell}.f(s, p, ${name});`);
    this.line(`p = s.p; if (p < 0) return; s.depth -= ${this.nesting};`);
    return made;
  }

  private struct(plan: StructPlan, name: string): string {
    const start = this.start(this.here());
    const members = plan.fields.map((field): [FieldPlan, string] => [field, this.member(field)]);
    return this.keep(this.object(plan, name, start, members));
  }

  private member(field: FieldPlan): string {
    return this.value(field.plan, this.memberName(field.name));
  }

  private union(plan: UnionPlan, name: string): string {
    const { discriminant } = plan;
    const made = this.fresh();
    const start = this.start(this.here());
    const [first, value] = this.discriminant(discriminant.plan, this.memberName(discriminant.name));
    this.line(`let ${made};`);
    this.arms(plan, value, (arm) => {
      const members: [FieldPlan, string][] = [[discriminant, first]];
      if (arm !== null) members.push([arm, this.member(arm)]);
      this.line(`${made} = ${this.object(plan, name, start, members)};`);
    });
    return made;
  }

  /** A word: its object, and its number for a switch. */
  private discriminant(plan: Plan, name: string): [made: string, value: string] {
    const at = this.read(4);
    const value = this.fresh();
    this.line(`const ${value} = ${discriminantAt(plan, at)};`);
    if (plan.kind === 'bool') this.line(`if (${value} > 1) ${this.giveUp()}`);
    const shown = plan.kind === 'bool' ? `${value} === 1` : plan.kind === 'enum' ? this.enumerated(plan, value) : value;
    return [this.keep(this.leaf(plan, name, at, '4', shown)), value];
  }

  private optionalData(plan: Plan, element: Plan, name: string): string {
    const start = this.start(this.here());
    const made = this.fresh();
    this.line(`let ${made}; if (${this.presence()}) {`);
    const content = this.value(element, name);
    this.line(`${made} = ${this.optional(plan, name, start, content)};`);
    this.endRun();
    this.line(`} else ${made} = ${this.optional(plan, name, start, null)};`);
    return made;
  }

  private array(plan: ArrayPlan, name: string): string {
    const start = this.start(this.here());
    const count = this.elementCount(plan);
    const elements = this.fresh();
    const index = this.fresh();
    this.line(`const ${elements} = [];`);
    this.line(`for (let ${index} = 0; ${index} < ${count}; ${index}++) {`);
    this.element(plan.element, elements, index);
    this.endRun();
    this.line('}');
    return this.keep(this.sequence(plan, name, start, elements));
  }

  private list(plan: Plan, element: Plan, leading: boolean, name: string): string {
    const start = this.start(this.here());
    const more = this.fresh();
    const elements = this.fresh();
    const index = this.fresh();
    this.line(`let ${more} = ${leading ? '1' : word(this.read(4))}; const ${elements} = [];`);
    this.endRun();
    this.line(`for (let ${index} = 0; ${more} === 1; ${index}++) {`);
    this.element(element, elements, index);
    const at = this.read(4);
    this.line(`${more} = ${word(at)};`);
    this.endRun();
    this.line(`} if (${more} !== 0) ${this.giveUp()}`);
    return this.keep(this.sequence(plan, name, start, elements));
  }

  private element(plan: Plan, elements: string, index: string): void {
    const made = this.value(plan, this.elementName(index));
    this.line(`${elements}.push(${made});`);
  }

  // Leaves

  private number(plan: NumberPlan, name: string): string {
    const size = leastSize(plan);
    const at = this.read(size);
    return this.keep(this.leaf(plan, name, at, `${size}`, this.numberAt(plan, at)));
  }

  private numberAt(plan: NumberPlan, at: string): string {
    switch (plan.kind) {
      case 'int':
        return signedWord(at);
      case 'unsigned':
        return word(at);
      case 'hyper':
        return `i.getBigInt64(${at})`;
      case 'unsignedHyper':
        return `i.getBigUint64(${at})`;
      case 'quadruple':
        return this.bytes(at, `${at} + 16`);
      default: {
        const value = this.keep(floatAt(plan, at));
        // The interpreter notes values that JSON does not have.
        this.line(`if (!Number.isFinite(${value})) ${this.giveUp()}`);
        return value;
      }
    }
  }

  private opaque(plan: OpaquePlan, name: string): string {
    if (plan.length < 0 || plan.length > SMALL) {
      const [from, length, next] = this.extent(plan);
      return this.counting(plan, name, next, this.bytes(from, `${from} + ${length}`));
    }
    const size = padded(plan.length);
    const at = this.read(size);
    this.zeros(at, plan.length);
    return this.keep(this.leaf(plan, name, at, `${size}`, this.bytes(at, `${at} + ${plan.length}`)));
  }

  private bitmap(plan: BitmapPlan, name: string): string {
    const count = this.wordCount(plan);
    const next = this.keep(`p + ${count} * 4`);
    return this.counting(plan, name, next, this.bits(plan, 'p', next));
  }

  /** Bytes that begin at `p`, behind their length if they have one. */
  private counting(plan: Plan, name: string, next: string, value: string): string {
    const prefix = plan.kind === 'opaque' && plan.length >= 0 ? 0 : 4;
    const made = this.keep(this.leaf(plan, name, `p - ${prefix}`, `${next} - p + ${prefix}`, value));
    this.line(`p = ${next};`);
    return made;
  }

  // Lines

  /** The expression of the offset that comes next. */
  protected here(): string {
    return this.read(0);
  }

  /** Keeps an expression's value in a variable. */
  protected keep(expression: string): string {
    const variable = this.fresh();
    this.line(`const ${variable} = ${expression};`);
    return variable;
  }
}
