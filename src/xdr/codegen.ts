/**
 * Generated code: a plan becomes a function that writes JSON text straight from XDR bytes. The only file that makes code from
 * text, and no name of a `.x` is in it: keys and enum names are numbers of bytes or entries of a constant table.
 *
 * Generated code only knows good messages. At anything else (a fault, a note, a type that depends on the call) it answers -1, what
 * it wrote is taken back, and the interpreter does that message again; so the two can only differ where generated code
 * accepts what the interpreter would not, which is what the property tests look for.
 *
 * One function a struct or union, entered into the cache before its members are generated, so that recursion ends. Runs of
 * fixed-size fields stand behind one bounds check for reading and one for writing; constant text is stored in words.
 */
import { MAX_DEPTH } from '../limits.js';
import { type ByteWriter, jsonString } from './byte-writer.js';
import { enumTable, type JsonState, runtime } from './codegen-runtime.js';
import type { JsonOptions } from './json.js';
import { type ArrayPlan, type EnumPlan, type FieldPlan, leastSize, type NumberPlan, type OpaquePlan, type Plan, type UnionPlan } from './plan.js';

/** A generated function: reads at `p`, answers where the next value begins, or -1. */
type Generated = (s: JsonState, p: number) => number;

/** Holds a function that may still be in the making. */
interface Cell {
  f: Generated;
}

/** Longest decimal form of each number, with quotes and sign where it can have them. */
const WIDTHS = { int: 11, unsigned: 10, hyper: 22, unsignedHyper: 22, float: 25, double: 25, quadruple: 34 } as const;
/** Room made ahead for what is written between checks. */
const SLACK = 64;

const available = canGenerate();

function canGenerate(): boolean {
  try {
    return new Function('return true')() === true;
  } catch {
    return false;
  }
}

export class JsonCompiler {
  private readonly cells = new Map<Plan, Cell>();
  private readonly state: JsonState;

  constructor(private readonly isEnabled = true) {
    this.state = {
      b: new Uint8Array(0),
      end: 0,
      out: undefined as unknown as ByteWriter,
      w: Buffer.alloc(0),
      d: new DataView(new ArrayBuffer(0)),
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
    if (!this.isEnabled || !available) return false;
    const { state } = this;
    state.b = bytes;
    state.end = limit;
    state.out = out;
    state.w = out.bytes;
    state.d = out.view;
    state.q = out.length;
    state.depth = 0;
    state.payload = options.payload;
    state.strings = options.int64Strings;
    const start = out.length;
    const next = this.cell(plan).f(state, at);
    out.length = next === limit ? state.q : start;
    return next === limit;
  }

  /** The function of a plan, generated on first use. */
  cell(plan: Plan): Cell {
    let cell = this.cells.get(plan);
    if (cell === undefined) {
      const made: Cell = { f: () => -1 };
      cell = made;
      this.cells.set(plan, cell);
      made.f = (s, p) => {
        made.f = new JsonFunction(this).generate(plan);
        return made.f(s, p);
      };
    }
    return cell;
  }
}

/** Generates one function. */
class JsonFunction {
  private readonly lines: string[] = [];
  private readonly constants: unknown[] = [];
  /** Constant text that is still to be stored. */
  private text = '';
  /** Where the current run's checks stand in `lines`, the bytes it reads and the most it writes. */
  private run = -1;
  private reads = 0;
  private writes = 0;
  private names = 0;
  private nesting = 1;
  private deepest = 1;

  constructor(private readonly compiler: JsonCompiler) {}

  generate(plan: Plan): Generated {
    this.value(plan, true);
    this.endRun();
    const source = [
      '"use strict"; return (s, p) => {',
      `if (s.depth + ${this.deepest} > ${MAX_DEPTH}) return -1;`,
      'const b = s.b, end = s.end; let w = s.w, d = s.d, q = s.q;',
      ...this.lines,
      's.q = q; return p; };',
    ].join('\n');
    return new Function('r', 'k', source)(runtime, this.constants) as Generated;
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
        return this.bool();
      case 'enum':
        return this.enumeration(plan);
      case 'string':
        return this.string(plan.max);
      case 'opaque':
        return this.opaque(plan);
      case 'array':
        return this.nested(() => this.array(plan));
      case 'optional':
        return this.nested(() => this.optional(plan.element));
      case 'list':
        return this.nested(() => this.list(plan.element, plan.leading));
      case 'struct':
        if (!isRoot && !isInline(plan)) return this.call(plan);
        return this.nested(() => this.object(plan.fields));
      case 'union':
        return isRoot ? this.nested(() => this.union(plan)) : this.call(plan);
      default:
        // What depends on other fields or on the call is the interpreter's.
        this.endRun();
        this.line('return -1;');
    }
  }

  private nested(action: () => void): void {
    this.deepest = Math.max(this.deepest, ++this.nesting);
    action();
    this.nesting--;
  }

  private call(plan: Plan): void {
    const cell = this.constant(this.compiler.cell(plan));
    this.endRun();
    this.line(`s.q = q; s.depth += ${this.nesting};`);
    this.line(`p = ${cell}.f(s, p); if (p < 0) return -1;`);
    this.line(`s.depth -= ${this.nesting}; w = s.w; d = s.d; q = s.q;`);
  }

  private object(fields: readonly FieldPlan[]): void {
    this.add('{');
    let separator = '';
    for (const field of fields) separator = this.member(field, separator);
    this.add('}');
  }

  /** Generates `"name":value`; answers the separator before the next member. */
  private member(field: FieldPlan, separator: string): string {
    const { plan, name } = field;
    if (plan.kind === 'void') return separator;
    this.add(separator);
    if (plan.kind === 'opaque' && plan.role === 'data') this.data(plan, name);
    else if (plan.kind === 'optional' && holdsData(plan.element)) this.line('return -1;');
    else {
      this.add(`${jsonString(name)}:`);
      this.value(plan);
    }
    return ',';
  }

  /** Contents of a file: the length, and the bytes when they are wanted. */
  private data(plan: OpaquePlan, name: string): void {
    this.add(`${jsonString(`${name}_length`)}:`);
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
    this.endRun();
    this.line(`switch (${value}) {`);
    for (const [arm, values] of groupArms(plan)) {
      for (const label of values) this.line(`case ${label}:`);
      this.arm(arm);
    }
    this.line('default:');
    if (plan.otherwise === undefined) this.line('return -1;');
    else this.arm(plan.otherwise);
    this.line('}');
    this.add('}');
  }

  private arm(field: FieldPlan | null): void {
    if (field !== null) this.member(field, ',');
    this.endRun();
    this.line('break;');
  }

  /** Writes a discriminant and keeps its value. */
  private discriminant(plan: Plan): string {
    const at = this.read(4);
    const value = this.fresh();
    this.flush();
    this.line(`const ${value} = ${plan.kind === 'unsigned' ? word(at) : signedWord(at)};`);
    if (plan.kind === 'enum') this.writeName(plan, value);
    else if (plan.kind === 'bool') this.writeBool(value);
    else this.write(WIDTHS.int, `q = r.signed(w, d, q, ${value});`);
    return value;
  }

  private optional(element: Plan): void {
    const at = this.read(4);
    const flag = this.fresh();
    this.line(`const ${flag} = ${word(at)}; if (${flag} > 1) return -1;`);
    this.endRun();
    this.line(`if (${flag} === 1) {`);
    this.value(element);
    this.endRun();
    this.line('} else {');
    this.add('null');
    this.endRun();
    this.line('}');
  }

  private array(plan: ArrayPlan): void {
    const count = this.fresh();
    const index = this.fresh();
    if (plan.length < 0) {
      const at = this.read(4);
      this.line(`const ${count} = ${word(at)};`);
    } else this.line(`const ${count} = ${plan.length};`);
    this.endRun();
    const least = leastSize(plan.element);
    this.line(`if (${count} > ${plan.max} || ${count} * ${least} > end - p || ${least === 0}) return -1;`);
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
        return this.write(WIDTHS.unsigned, `q = r.unsigned(w, d, q, ${word(at)});`);
      case 'quadruple':
        return this.write(WIDTHS.quadruple, `q = r.hex(w, d, q, b, ${at}, ${at} + 16);`);
      case 'float':
      case 'double':
        return this.write(WIDTHS.double, `q = r.float(w, q, r.${plan.kind}At(b, ${at})); if (q < 0) return -1;`);
      default:
        return this.hyper(plan, at);
    }
  }

  private hyper(plan: NumberPlan, at: string): void {
    const call = plan.kind === 'hyper' ? 'signed64' : 'unsigned64';
    const quote = plan.identifier ? 'w[q++] = 34;' : 'if (s.strings) w[q++] = 34;';
    this.write(WIDTHS.hyper, `${quote} q = r.${call}(w, d, q, ${word(at)}, ${word(`${at} + 4`)}); ${quote}`);
  }

  private bool(): void {
    const at = this.read(4);
    const value = this.fresh();
    this.flush();
    this.line(`const ${value} = ${word(at)};`);
    this.writeBool(value);
  }

  private writeBool(value: string): void {
    this.write(
      5,
      `if (${value} === 1) { ${stores('true')} q += 4; } else if (${value} === 0) { ${stores('false')} q += 5; } else return -1;`,
    );
  }

  private enumeration(plan: EnumPlan): void {
    const at = this.read(4);
    this.flush();
    this.writeName(plan, signedWord(at));
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
    this.line(`else { s.q = q; if (!r.other(s, b, ${from}, ${from} + ${length})) return -1; w = s.w; d = s.d; q = s.q; }`);
    this.line(`p = ${next};`);
  }

  private opaque(plan: OpaquePlan): void {
    if (plan.length >= 0 && plan.length <= SLACK) {
      const at = this.read((plan.length + 3) & ~3);
      this.flush();
      this.zeros(`${at} + ${plan.length}`, plan.length);
      this.write(plan.length * 2 + 2, `q = r.hex(w, d, q, b, ${at}, ${at} + ${plan.length});`);
      return;
    }
    const [from, length, next] = this.extent(plan);
    this.room(`${length} * 2 + ${SLACK}`);
    this.line(`q = r.hex(w, d, q, b, ${from}, ${from} + ${length});`);
    this.line(`p = ${next};`);
  }

  private zeros(from: string, length: number): void {
    if ((length & 3) !== 0) this.line(`if (!r.zeros(b, ${from}, ${from} + ${4 - (length & 3)})) return -1;`);
  }

  /** Where the bytes of an opaque begin, how many they are, and where the next value begins. */
  private extent(plan: OpaquePlan): [from: string, length: string, next: string] {
    if (plan.length < 0) return this.counted(plan.max);
    this.endRun();
    return this.checked(`${plan.length}`);
  }

  private counted(max: number): [from: string, length: string, next: string] {
    const at = this.read(4);
    const length = this.fresh();
    this.line(`const ${length} = ${word(at)};`);
    this.endRun();
    this.line(`if (${length} > ${max} || ${length} > end - p) return -1;`);
    return this.checked(length);
  }

  private checked(length: string): [from: string, length: string, next: string] {
    const next = this.fresh();
    this.line(`const ${next} = p + ${length} + (-${length} & 3);`);
    this.line(`if (${next} > end || !r.zeros(b, p + ${length}, ${next})) return -1;`);
    return ['p', length, next];
  }

  // Runs

  /** Takes `size` bytes of the current run; answers the expression of their offset. */
  private read(size: number): string {
    this.openRun();
    const at = this.reads === 0 ? 'p' : `p + ${this.reads}`;
    this.reads += size;
    return at;
  }

  /** Adds a line that writes at most `width` bytes. */
  private write(width: number, line: string): void {
    this.openRun();
    this.writes += width;
    this.line(line);
  }

  /** Adds constant ASCII or UTF-8 text to what is written. */
  private add(text: string): void {
    this.text += text;
  }

  private flush(): void {
    if (this.text === '') return;
    this.openRun();
    const bytes = Buffer.from(this.text, 'utf8');
    this.text = '';
    this.writes += bytes.length;
    this.line(`${stores(bytes)} q += ${bytes.length};`);
  }

  private openRun(): void {
    if (this.run >= 0) return;
    this.run = this.lines.push('') - 1;
    this.reads = 0;
    this.writes = 0;
  }

  /** Closes the current run: its checks are known now. */
  private endRun(): void {
    this.flush();
    if (this.run < 0) return;
    const checks = [];
    if (this.reads > 0) checks.push(`if (p + ${this.reads} > end) return -1;`);
    if (this.writes > 0) checks.push(roomFor(`${this.writes}`));
    this.lines[this.run] = checks.join(' ');
    if (this.reads > 0) this.line(`p += ${this.reads};`);
    this.run = -1;
  }

  /** Makes room for `size` bytes, and stores the constant text before them. */
  private room(size: string): void {
    this.endRun();
    this.line(roomFor(size));
  }

  private line(text: string): void {
    this.lines.push(text);
  }

  private fresh(): string {
    return `v${this.names++}`;
  }

  private constant(value: unknown): string {
    return `k[${this.constants.push(value) - 1}]`;
  }
}

/** Structs of a few fixed-size fields are generated in place: their fields join the run around them. */
function isInline(plan: Plan): boolean {
  return plan.kind === 'struct' && plan.fields.length <= 4 && plan.fields.every((field) => isFixedLeaf(field.plan));
}

function isFixedLeaf(plan: Plan): boolean {
  return plan.kind in WIDTHS || plan.kind === 'enum' || plan.kind === 'bool';
}

function holdsData(plan: Plan): boolean {
  return plan.kind === 'optional' ? holdsData(plan.element) : plan.kind === 'opaque' && plan.role === 'data';
}

/** Arms with the values that select them. */
function groupArms(plan: UnionPlan): Map<FieldPlan | null, number[]> {
  const groups = new Map<FieldPlan | null, number[]>();
  for (const [value, arm] of plan.arms) groups.set(arm, [...(groups.get(arm) ?? []), value]);
  return groups;
}

/** Stores of constant bytes at `q`, four at a time. */
function stores(text: string | Buffer): string {
  const bytes = Buffer.from(text);
  const parts: string[] = [];
  let at = 0;
  for (; at + 4 <= bytes.length; at += 4) parts.push(`d.setInt32(q + ${at}, ${bytes.readInt32BE(at)});`);
  if (at + 2 <= bytes.length) {
    parts.push(`d.setUint16(q + ${at}, ${bytes.readUInt16BE(at)});`);
    at += 2;
  }
  if (at < bytes.length) parts.push(`w[q + ${at}] = ${bytes[at]};`);
  return parts.join(' ');
}

function roomFor(size: string): string {
  return `if (q + ${size} > w.length) { s.q = q; r.grow(s, ${size}); w = s.w; d = s.d; }`;
}

function signedWord(at: string): string {
  return `(b[${at}] << 24 | b[${at} + 1] << 16 | b[${at} + 2] << 8 | b[${at} + 3])`;
}

function word(at: string): string {
  return `(${signedWord(at)} >>> 0)`;
}
