/**
 * Turns the steps of a summary into a generated function, so that V8 knows what every call in
 * it leads to; `interpretLine` calls a writer for each step instead. Summaries that show
 * another program's body, which are few, stay with `interpretLine`, and so do all where code
 * generation is refused. No text of a `.x` gets into the code: texts and writers are constants.
 */
import type { ByteWriter } from '../xdr/byte-writer.js';
import { read32, readInt32 } from '../xdr/bytes.js';
import { canGenerate, makeFunction } from '../xdr/codegen.js';
import { isPlainNumber } from '../xdr/leaf-writer.js';
import { lowestBit } from '../xdr/plan.js';
import { PreparedText } from '../xdr/prepared-text.js';
import type { SummaryContext } from './summary.js';
import { type LeafStep, leafOf, type Step, type ValuesStep, type WriteLine, writeSlashed } from './summary-line.js';

/** The function of these steps; null where there is none. */
export function generateLine(steps: readonly Step[]): WriteLine | null {
  if (!canGenerate || steps.some(showsBody)) return null;
  const { lines, constants } = codeOf(steps);
  return makeFunction<WriteLine>('out, context, slots', ['let state = 1;', ...lines], constants);
}

function showsBody(step: Step): boolean {
  if (step.kind === 'values') return [...step.arms.values()].some((arm) => arm !== null && showsBody(arm));
  return step.kind === 'body' || ('steps' in step && step.steps.some(showsBody));
}

/**
 * Continues a line. A state is twice the number of fields that wrote something, plus one if a blank is due.
 * @returns The state after it.
 */
type Continue = (out: ByteWriter, context: SummaryContext, slots: Int32Array, state: number) => number;

function generateSteps(steps: readonly Step[]): Continue {
  const { lines, constants } = codeOf(steps);
  return makeFunction<Continue>('out, context, slots, state', lines, constants);
}

function codeOf(steps: readonly Step[]): Pick<LineCode, 'lines' | 'constants'> {
  const code = new LineCode();
  code.steps(steps, '');
  const begin = ['const { bytes } = context;', 'let blank = (state & 1) === 1, written = state >> 1;'];
  return { lines: [...begin, ...code.lines, 'return 2 * written + (blank ? 1 : 0);'], constants: code.constants };
}

/**
 * Writes the values of a bitmap's bits. There may be a hundred, of which a message has a few, so each has a function,
 * made when its bit is first met: V8 compiles no function as large as all of them.
 */
class Values {
  private readonly writers: (Continue | null | undefined)[] = [];

  constructor(private readonly arms: ValuesStep['arms']) {}

  /** Writes the values of the bitmap at `at`. @returns The state after them. */
  write(out: ByteWriter, context: SummaryContext, slots: Int32Array, state: number, at: number): number {
    const { bytes } = context;
    const count = read32(bytes, at);
    let after = state;
    for (let word = 0; word < count; word++) {
      for (let left = readInt32(bytes, at + 4 + 4 * word); left !== 0; left &= left - 1) {
        const write = this.writerOf(lowestBit(word, left));
        if (write === undefined) return after;
        if (write !== null) after = write(out, context, slots, after);
      }
    }
    return after;
  }

  private writerOf(bit: number): Continue | null | undefined {
    const { writers, arms } = this;
    if (writers[bit] !== undefined) return writers[bit];
    const arm = arms.get(bit);
    if (arm === undefined) return undefined;
    writers[bit] = arm && generateSteps([arm]);
    return writers[bit];
  }
}

/**
 * Collects the lines of the function. In these, `blank` says that a blank is due before
 * the next part, and `written` counts the fields that wrote something. `missing` is the
 * code for a field that is not there, which makes its group be taken back.
 */
class LineCode {
  readonly lines: string[] = [];
  readonly constants: Record<string, unknown> = {};
  private names = 0;

  steps(steps: readonly Step[], missing: string): void {
    for (const step of steps) this.step(step, missing);
  }

  private step(step: Step, missing: string): void {
    if (step.kind === 'literal') this.literal(step.text, step.before, step.after);
    else if (step.kind === 'leaf') this.leaf(step, missing);
    else if (step.kind === 'parts') this.parts(step.steps, missing);
    else if (step.kind === 'group') this.group(step.steps);
    else if (step.kind === 'values') this.values(step, missing);
  }

  private literal(text: string, before: boolean, after: boolean): void {
    if (before) this.line('blank = true;');
    if (text !== '') {
      if (text.startsWith('/')) {
        this.line(`${this.constant(writeSlashed)}(out, ${this.constant(new PreparedText(text))}, blank);`);
      } else this.line(`if (blank) out.byte(32); ${this.write(text)}`);
      this.line(`blank = ${after};`);
    } else if (after) this.line('blank = true;');
  }

  private leaf(step: LeafStep, missing: string): void {
    const [at, start] = [this.name(), this.name()];
    this.line(`const ${at} = slots[${2 * step.slot}], ${start} = out.length;`);
    this.line(`if (${at} < 0) { ${missing} } else {`);
    this.line('if (blank) out.byte(32);');
    this.line(this.value(step, at));
    this.line(`if (out.length === ${start} + (blank ? 1 : 0)) { out.length = ${start}; ${missing} }`);
    this.line('else { blank = false; written++; } }');
  }

  private write(text: string): string {
    const code = text.charCodeAt(0);
    if (text.length === 1 && code < 0x80) return `out.byte(${code});`;
    return `out.text(${this.constant(new PreparedText(text))});`;
  }

  /** The code that writes the field at `at`. Most fields are plain numbers, which need no call of a writer. */
  private value(step: LeafStep, at: string): string {
    const { plan, format, slot, noun } = step;
    if (noun !== undefined || ('unset' in plan && plan.unset !== undefined) || !isPlainNumber(plan, format)) {
      return `${this.constant(leafOf(step))}(out, context, ${at}, slots[${2 * slot + 1}]);`;
    }
    const word = this.constant(read32);
    if (plan.kind === 'unsigned') return `out.integer(${word}(bytes, ${at}));`;
    return `out.unsigned64(${word}(bytes, ${at}), ${word}(bytes, ${at} + 4));`;
  }

  private parts(steps: readonly Step[], missing: string): void {
    const before = this.name();
    const restore = this.save();
    this.line(`const ${before} = written;`);
    this.steps(steps, '');
    this.line(`if (written === ${before}) { ${restore} ${missing} }`);
  }

  private values({ slot, arms }: ValuesStep, missing: string): void {
    const [at, before] = [this.name(), this.name()];
    const restore = this.save();
    this.line(`const ${at} = slots[${2 * slot}], ${before} = written;`);
    this.line(`if (${at} >= 0) {`);
    this.line(
      `state = ${this.constant(new Values(arms))}.write(out, context, slots, 2 * written + (blank ? 1 : 0), ${at});`,
    );
    this.line('blank = (state & 1) === 1; written = state >> 1; }');
    this.line(`if (written === ${before}) { ${restore} ${missing} }`);
  }

  /** Most groups are missing from most messages, so their fields are looked for before anything is written. */
  private group(steps: readonly Step[]): void {
    const fields = steps.flatMap((step) => (step.kind === 'leaf' ? [`slots[${2 * step.slot}] >= 0`] : []));
    this.line(fields.length === 0 ? '{' : `if (${fields.join(' && ')}) {`);
    const restore = this.save();
    const [isWhole, before] = [this.name(), this.name()];
    this.line(`let ${isWhole} = true; const ${before} = written;`);
    this.steps(steps, `${isWhole} = false;`);
    this.line(`if (!${isWhole}) { ${restore} written = ${before}; } }`);
  }

  /** Keeps how far the line is; returns the code that takes back what is written from here on. */
  private save(): string {
    const [length, blank] = [this.name(), this.name()];
    this.line(`const ${length} = out.length, ${blank} = blank;`);
    return `out.length = ${length}; blank = ${blank};`;
  }

  private line(code: string): void {
    this.lines.push(code);
  }

  private name(): string {
    return `v${this.names++}`;
  }

  private constant(value: unknown): string {
    const name = this.name();
    this.constants[name] = value;
    return name;
  }
}
