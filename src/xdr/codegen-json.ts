/**
 * Generated JSON: a plan becomes a function that writes JSON text straight from XDR bytes. Constant pieces are stored
 * in words. A run of fixed-size fields has one check for what it reads and one for what it writes.
 */
import { ByteWriter, jsonString } from './byte-writer.js';
import { padded, viewOf } from './bytes.js';
import { Cells, type CompositePlan, canGenerate, discriminantAt, floatAt, signedWord, word } from './codegen.js';
import { JsonEmitter, SLACK, stores } from './codegen-json-emitter.js';
import { enumTable, type JsonState, runtime, type ValueTable } from './codegen-runtime.js';
import type { JsonOptions } from './json.js';
import {
  type ArrayPlan,
  type BitmapPlan,
  type ChosenPlan,
  type EnumPlan,
  type FieldPlan,
  freeName,
  holdsData,
  isData,
  leastSize,
  membersOf,
  type NumberPlan,
  type OpaquePlan,
  type Plan,
  type UnionPlan,
} from './plan.js';

/** Reads at `p` and writes at `s.q`; answers where the next value begins, or -1 to give up. */
type WriteJson = (s: JsonState, p: number) => number;

/** Longest decimal form of each number, with quotes and sign where it can have them. */
const WIDTHS = { int: 11, unsigned: 10, hyper: 22, unsignedHyper: 22, float: 25, double: 25, quadruple: 34 } as const;
/** Bits whose types are kept in a table; the attributes of NFSv4 number up to 92. */
const MAX_TABLE_BITS = 256;

export class JsonCompiler {
  private readonly cells: Cells<WriteJson> = new Cells((plan) => new JsonFunction(this.cells).generate(plan));
  private readonly state: JsonState;

  constructor(private readonly isEnabled = true) {
    const out = new ByteWriter(0);
    this.state = {
      b: out.bytes,
      end: 0,
      out,
      w: out.bytes,
      i: out.view,
      d: out.view,
      q: 0,
      depth: 0,
      payload: false,
      strings: false,
    };
  }

  /**
   * Writes the JSON of a value that fills `bytes[at..limit)`. False, with nothing written, when the interpreter has to do it.
   */
  write(plan: Plan, bytes: Uint8Array, at: number, limit: number, out: ByteWriter, options: JsonOptions): boolean {
    if (!this.isEnabled || !canGenerate) return false;
    const { state } = this;
    state.b = bytes;
    state.i = viewOf(bytes);
    state.end = limit;
    state.out = out;
    state.w = out.bytes;
    state.d = out.view;
    state.q = out.length;
    state.depth = 0;
    state.payload = options.payload;
    state.strings = options.int64Strings;
    const start = out.length;
    const next = this.cells.get(plan).f(state, at);
    out.length = next === limit ? state.q : start;
    return next === limit;
  }
}

/** Generates one function. */
class JsonFunction extends JsonEmitter {
  /** Variables of the bitmaps read so far, by field; null for any other field, which hides a bitmap further out. */
  private bitmaps = new Map<string, [start: string, count: string] | null>();

  constructor(private readonly cells: Cells<WriteJson>) {
    super();
  }

  generate(plan: Plan): WriteJson {
    this.value(plan, true);
    this.endRun();
    const before = [this.depthCheck(), 'const b = s.b, i = s.i, end = s.end; let w = s.w, d = s.d, q = s.q;'];
    return this.assemble<WriteJson>('s, p', before, 's.q = q; return p;', runtime);
  }

  // Values

  /** Generates a value; `isRoot` says that this function is the plan's own. */
  private value(plan: Plan, isRoot = false): void {
    switch (plan.kind) {
      case 'void':
        return this.add('null');
      case 'int':
      case 'unsigned':
      case 'hyper':
      case 'unsignedHyper':
      case 'float':
      case 'double':
      case 'quadruple':
        return this.number(plan);
      case 'bool':
      case 'enum':
        this.discriminant(plan);
        return;
      case 'string':
        return plan.isTerminated ? this.leave() : this.string(plan.max);
      case 'opaque':
        return this.opaque(plan);
      case 'array':
      case 'optional':
      case 'list':
      case 'struct':
      case 'union':
        return isRoot || this.isInPlace(plan)
          ? this.nested(() => this.scoped(() => this.composite(plan)))
          : this.call(plan);
      case 'bitmap':
        this.bitmap(plan);
        return;
      case 'chosen':
        return this.nested(() => this.nested(() => this.chosen(plan)));
      default:
        return this.leave();
    }
  }

  /** Leaves a value to the interpreter: types that depend on the call, typed opaques, texts with a NUL at their end. */
  private leave(): void {
    this.endRun();
    this.line('return -1;');
  }

  private composite(plan: CompositePlan): void {
    switch (plan.kind) {
      case 'array':
        return this.array(plan);
      case 'optional':
        return this.optional(plan.element);
      case 'list':
        return this.list(plan.element, plan.leading);
      case 'struct':
        return this.object(plan.fields);
      case 'union':
        return this.union(plan);
    }
  }

  private call(plan: Plan): void {
    const cell = this.constant(this.cells.get(plan));
    this.endRun();
    this.line(`s.q = q; s.depth += ${this.nesting};`);
    this.line(`p = ${cell}.f(s, p); if (p < 0) return -1;`);
    this.line(`s.depth -= ${this.nesting}; w = s.w; d = s.d; q = s.q;`);
  }

  private object(fields: readonly FieldPlan[]): void {
    this.add('{');
    let separator = '';
    for (const field of fields) separator = this.member(field, fields, separator);
    this.add('}');
  }

  /**
   * Generates `"name":value`, and its siblings; returns the separator
   * before the next member. `beside`: all members of the object.
   */
  private member(field: FieldPlan, beside: readonly FieldPlan[], separator: string): string {
    const { plan, name } = field;
    if (plan.kind === 'void') return separator;
    this.add(separator);
    if (isData(plan)) this.data(plan, name, freeName(`${name}_length`, beside));
    else if (plan.kind === 'optional' && holdsData(plan.element)) this.line('return -1;');
    else {
      this.add(`${jsonString(name)}:`);
      const known = plan.kind === 'bitmap' ? this.bitmap(plan) : null;
      if (known === null) this.value(plan);
      this.bitmaps.set(name, known);
    }
    return ',';
  }

  /** Generates a value whose bitmaps are not known behind it: it may not be there. */
  private scoped(generate: () => void): void {
    const { bitmaps } = this;
    this.bitmaps = new Map(bitmaps);
    generate();
    this.bitmaps = bitmaps;
  }

  /** Writes the names of the set bits; returns the variables with the offset of the words and their count. */
  private bitmap(plan: BitmapPlan): [start: string, count: string] {
    const count = this.wordCount(plan);
    const start = this.fresh();
    this.line(`const ${start} = p; p += 4 * ${count};`);
    this.line(`s.q = q; r.bits(s, ${start}, ${count}, ${this.constant(enumTable(plan))}); w = s.w; d = s.d; q = s.q;`);
    return [start, count];
  }

  /**
   * One value for each set bit of a bitmap before it, in the struct around or further out; other choosers are left to
   * the interpreter.
   */
  private chosen(plan: ChosenPlan): void {
    const bitmap = this.bitmaps.get(plan.by) ?? null;
    if (bitmap === null) {
      this.endRun();
      this.line('return -1;');
      return;
    }
    const [from, length, next] = this.counted(plan.max);
    this.line(`if (${length} === 0) return -1;`);
    const arms = this.constant(this.armTable(plan));
    this.line(`s.q = q; s.end = ${from} + ${length}; s.depth += ${this.nesting};`);
    this.line(`if (r.values(s, ${from}, ${bitmap[0]}, ${bitmap[1]}, ${arms}) !== ${from} + ${length}) return -1;`);
    this.line(`s.end = end; s.depth -= ${this.nesting}; w = s.w; d = s.d; q = s.q; p = ${next};`);
  }

  /**
   * By bit: the key, and the function of the value. A void arm has no value; file contents are left to the interpreter.
   */
  private armTable(plan: ChosenPlan): ValueTable {
    const table: ValueTable = [];
    for (const [bit, arm] of plan.union.arms) {
      if (bit < 0 || bit >= MAX_TABLE_BITS || (arm !== null && holdsData(arm.plan))) continue;
      table[bit] = arm && { key: Buffer.from(`${jsonString(arm.name)}:`), cell: this.cells.get(arm.plan) };
    }
    return table;
  }

  /** Contents of a file: the length, and the bytes when they are wanted. */
  private data(plan: OpaquePlan, name: string, lengthName: string): void {
    this.add(`${jsonString(lengthName)}:`);
    const [from, length, next] = this.extent(plan);
    this.room(`${SLACK}`);
    this.line(`q = r.unsigned(w, d, q, ${length});`);
    this.line('if (s.payload) {');
    this.room(`${length} * 2 + ${SLACK + name.length * 6}`);
    this.add(`,${jsonString(name)}:`);
    this.endRun();
    this.line(`q = r.hex(w, d, q, b, ${from}, ${from} + ${length}); }`);
    this.line(`p = ${next};`);
  }

  private union(plan: UnionPlan): void {
    this.add('{');
    this.add(`${jsonString(plan.discriminant.name)}:`);
    const value = this.discriminant(plan.discriminant.plan);
    this.bitmaps.set(plan.discriminant.name, null);
    const beside = membersOf(plan);
    this.arms(plan, value, (arm) => {
      if (arm !== null) this.scoped(() => this.member(arm, beside, ','));
    });
    this.add('}');
  }

  /** Writes a value that a union may have as its discriminant, and keeps it in a variable. */
  private discriminant(plan: Plan): string {
    const at = this.read(4);
    const value = this.fresh();
    this.flush();
    this.line(`const ${value} = ${discriminantAt(plan, at)};`);
    if (plan.kind === 'enum') this.writeName(plan, value);
    else if (plan.kind === 'bool') this.writeBool(value);
    else this.write(WIDTHS.int, `q = r.signed(w, d, q, ${value});`);
    return value;
  }

  private optional(element: Plan): void {
    this.line(`if (${this.presence()}) {`);
    this.value(element);
    this.endRun();
    this.line('} else {');
    this.add('null');
    this.endRun();
    this.line('}');
  }

  private array(plan: ArrayPlan): void {
    const count = this.elementCount(plan);
    const index = this.fresh();
    this.add('[');
    this.endRun();
    this.line(`for (let ${index} = 0; ${index} < ${count}; ${index}++) {`);
    this.separate(index);
    this.value(plan.element);
    this.endRun();
    this.line('}');
    this.add(']');
  }

  private list(element: Plan, leading: boolean): void {
    const more = this.fresh();
    const index = this.fresh();
    this.add('[');
    const at = leading ? '' : this.read(4);
    this.line(`let ${more} = ${leading ? '1' : word(at)}, ${index} = 0;`);
    this.endRun();
    this.line(`while (${more} === 1) {`);
    this.separate(index);
    this.value(element);
    const next = this.read(4);
    this.line(`${more} = ${word(next)}; ${index}++;`);
    this.endRun();
    this.line('}');
    this.line(`if (${more} !== 0) return -1;`);
    this.add(']');
  }

  /** A comma before all but the first element. */
  private separate(index: string): void {
    this.room('1');
    this.line(`if (${index} > 0) w[q++] = 44;`);
  }

  // Leaves

  private number(plan: NumberPlan): void {
    const at = this.read(leastSize(plan));
    this.flush();
    switch (plan.kind) {
      case 'int':
        return this.write(WIDTHS.int, `q = r.signed(w, d, q, ${signedWord(at)});`);
      case 'unsigned':
        return this.write(WIDTHS.unsigned, `q = r.unsigned(w, d, q, ${signedWord(at)});`);
      case 'quadruple':
        return this.write(WIDTHS.quadruple, `q = r.hex(w, d, q, b, ${at}, ${at} + 16);`);
      case 'float':
      case 'double':
        return this.write(WIDTHS[plan.kind], `q = r.float(w, q, ${floatAt(plan, at)}); if (q < 0) return -1;`);
      default:
        return this.hyper(plan, at);
    }
  }

  private hyper(plan: NumberPlan, at: string): void {
    const call = plan.kind === 'hyper' ? 'signed64' : 'unsigned64';
    const quote = plan.identifier ? 'w[q++] = 34;' : 'if (s.strings) w[q++] = 34;';
    this.write(
      WIDTHS.hyper,
      `${quote} q = r.${call}(w, d, q, ${signedWord(at)}, ${signedWord(`${at} + 4`)}); ${quote}`,
    );
  }

  private writeBool(value: string): void {
    this.write(
      5,
      `if (${value} === 1) { ${stores('true')} q += 4; } else if (${value} === 0) { ${stores('false')} q += 5; } else return -1;`,
    );
  }

  private writeName(plan: EnumPlan, value: string): void {
    const table = enumTable(plan);
    this.write(table.longest, `q = r.name(w, d, q, ${this.constant(table)}, ${value});`);
  }

  private string(max: number): void {
    const [from, length, next] = this.counted(max);
    const after = this.fresh();
    this.room(`${length} + ${SLACK}`);
    this.line(`const ${after} = r.plain(w, q, b, ${from}, ${from} + ${length});`);
    this.line(`if (${after} >= 0) q = ${after};`);
    this.line(
      `else { s.q = q; if (!r.other(s, b, ${from}, ${from} + ${length})) return -1; w = s.w; d = s.d; q = s.q; }`,
    );
    this.line(`p = ${next};`);
  }

  private opaque(plan: OpaquePlan): void {
    if (plan.length >= 0 && plan.length <= SLACK) {
      const at = this.read(padded(plan.length));
      this.flush();
      this.zeros(at, plan.length);
      this.write(plan.length * 2 + 2, `q = r.hex(w, d, q, b, ${at}, ${at} + ${plan.length});`);
      return;
    }
    const [from, length, next] = this.extent(plan);
    this.room(`${length} * 2 + ${SLACK}`);
    this.line(`q = r.hex(w, d, q, b, ${from}, ${from} + ${length});`);
    this.line(`p = ${next};`);
  }
}
