/**
 * The steps of a summary as functions that write one line; made once for each procedure and direction. A line that says
 * something begins with a blank, because the procedure's name stands before it; its parts have one blank between them,
 * and none behind. The slow twin of summary-code.ts.
 */
import type { ByteWriter } from '../xdr/byte-writer.js';
import { read32 } from '../xdr/bytes.js';
import { type LeafWriter, leafWriter } from '../xdr/leaf-writer.js';
import { type BodyPlan, type Operand, type Plan, setBits } from '../xdr/plan.js';
import { nounFor } from '../xdr/plural.js';
import { PreparedText } from '../xdr/prepared-text.js';
import type { ElementsWriter } from './element-texts.js';
import type { Extent } from './extent.js';
import type { SummaryContext } from './summary.js';

export type Step =
  | { kind: 'literal'; text: string; before: boolean; after: boolean }
  | LeafStep
  | { kind: 'body'; slot: number; plan: BodyPlan; operands: (number | Operand)[] }
  /** All steps, or nothing when a field of them is not there. */
  | { kind: 'group'; steps: Step[] }
  /** The steps whose fields are there. */
  | { kind: 'parts'; steps: Step[] }
  | ValuesStep;

/**
 * A step that writes a field. `noun`, the singular of what is counted, follows
 * a count; `elements` writes an array or list whose elements have texts.
 */
export interface LeafStep {
  kind: 'leaf';
  slot: number;
  plan: Plan;
  format: string;
  name: string;
  noun?: string;
  elements?: ElementsWriter;
}

/** Writes the values of the bits of a bitmap, up to the first bit that is not known; null: a bit without a value. */
export interface ValuesStep {
  kind: 'values';
  /** Of the bitmap. */
  slot: number;
  arms: ReadonlyMap<number, Step | null>;
}

const SLASH = 0x2f;

/** Writes a step; false when a field of it is not there. */
type StepWriter = (line: Line) => boolean;

/** Writes the steps whose fields are there; the writer returns whether all of their fields wrote something. */
function compileSteps(steps: readonly Step[]): StepWriter {
  const writers = steps.map(compileStep);
  return (line) => {
    let complete = true;
    for (let i = 0; i < writers.length; i++) if (!writers[i](line)) complete = false;
    return complete;
  };
}

function compileStep(step: Step): StepWriter {
  switch (step.kind) {
    case 'literal': {
      const { before, after } = step;
      const text = new PreparedText(step.text);
      return (line) => line.literal(text, before, after);
    }
    case 'leaf': {
      const { slot } = step;
      const write = leafOf(step);
      return (line) => line.leaf(write, slot);
    }
    case 'body':
      return (line) => line.body(step);
    case 'parts': {
      const write = compileSteps(step.steps);
      return (line) => line.parts(write);
    }
    case 'group': {
      const write = compileSteps(step.steps);
      return (line) => line.group(write);
    }
    case 'values':
      return compileValues(step);
  }
}

function compileValues({ slot, arms }: ValuesStep): StepWriter {
  const writers = new Map([...arms].map(([bit, arm]) => [bit, arm && compileStep(arm)]));
  return (line) =>
    line.parts(() => {
      for (const bit of line.bitsAt(slot)) {
        const write = writers.get(bit);
        if (write === undefined) break;
        write?.(line);
      }
      return true;
    });
}

export function leafOf({ plan, format, name, noun, elements }: LeafStep): ElementsWriter {
  if (elements !== undefined) return elements;
  const leaf = leafWriter(plan, format, name);
  return noun === undefined ? leaf : withNoun(leaf, noun);
}

/** Writes what a number counts behind it: `1 entry`, `2 entries`. */
function withNoun(write: LeafWriter, noun: string): LeafWriter {
  const one = new PreparedText(` ${noun}`);
  const several = new PreparedText(` ${nounFor(2, noun)}`);
  return (out, context, at, count) => {
    const start = out.length;
    write(out, context, at, count);
    // A number that means "none" writes nothing.
    if (out.length === start) return;
    const isOne = out.length === start + 1 && out.bytes[start] === 0x31;
    out.text(isOne ? one : several);
  };
}

/**
 * Writes a literal, behind a blank where one is due. Behind a path that ends in a slash, as that of a root does, the
 * literal's own slash is left out.
 */
export function writeSlashed(out: ByteWriter, text: PreparedText, blank: boolean): void {
  if (blank) out.byte(0x20);
  const start = out.length;
  out.text(text);
  if (blank || out.bytes[start - 1] !== SLASH || out.bytes[start] !== SLASH) return;
  out.bytes.copyWithin(start, start + 1, out.length);
  out.length--;
}

/** Writes the line of the body whose fields are at `slots`. */
export type WriteLine = (out: ByteWriter, context: SummaryContext, slots: Int32Array, extent: Extent) => void;

/** Steps one by one, of the body whose fields are at `slots`. */
export function interpretLine(steps: readonly Step[], slots: Int32Array): WriteLine {
  const line = new Line(slots, compileSteps(steps));
  return (out, context, _, extent) => line.write(out, context, extent);
}

/** The line being written; one is used again for all messages of a procedure and direction. */
class Line {
  private out!: ByteWriter;
  private context!: SummaryContext;
  private extent!: Extent;
  private blank = true;
  /** Fields that wrote something. */
  private written = 0;

  constructor(
    /** Where the fields are; see `extract`. */
    private readonly slots: Int32Array,
    private readonly steps: StepWriter,
  ) {}

  write(out: ByteWriter, context: SummaryContext, extent: Extent): void {
    // A body inside of a body can be of the same procedure, and then uses this line too.
    const { blank, written } = this;
    this.out = out;
    this.context = context;
    this.extent = extent;
    this.blank = true;
    this.written = 0;
    this.steps(this);
    this.blank = blank;
    this.written = written;
  }

  literal(text: PreparedText, before: boolean, after: boolean): boolean {
    if (before) this.blank = true;
    if (text.length > 0) {
      writeSlashed(this.out, text, this.blank);
      this.blank = false;
    }
    if (after) this.blank = true;
    return true;
  }

  leaf(write: ElementsWriter, slot: number): boolean {
    const at = this.slots[2 * slot];
    if (at < 0) return false;
    const start = this.begin();
    write(this.out, this.context, at, this.slots[2 * slot + 1]);
    return this.endField(start);
  }

  parts(write: StepWriter): boolean {
    const { written, blank } = this;
    const { length } = this.out;
    write(this);
    if (this.written === written) this.restore(length, blank);
    return this.written > written;
  }

  /** The bits of a bitmap that are set; none where it is not there. */
  bitsAt(slot: number): number[] {
    const at = this.slots[2 * slot];
    return at < 0 ? [] : setBits(this.context.bytes, at + 4, read32(this.context.bytes, at));
  }

  group(write: StepWriter): boolean {
    const { written, blank } = this;
    const { length } = this.out;
    if (!write(this)) {
      this.restore(length, blank);
      this.written = written;
    }
    return true;
  }

  body(step: Step & { kind: 'body' }): boolean {
    const at = this.slots[2 * step.slot];
    const values = step.operands.map((operand) => this.operand(operand));
    if (at < 0 || values.includes(undefined)) return false;
    const { out, context, extent } = this;
    const { bytes, end } = extent;
    const length = read32(bytes, at);
    const inner = { bytes, at: at + 4, end: Math.min(end, at + 4 + length), limit: at + 4 + length };
    const start = this.begin();
    // A body of the same procedure has its fields in the same slots.
    const slots = this.slots.slice();
    context.writeBody(out, step.plan.direction, values[0]!, values[1]!, values[2]!, inner);
    this.slots.set(slots);
    this.extent = extent;
    return this.endField(start);
  }

  private operand(operand: number | Operand): number | undefined {
    if (typeof operand !== 'number') {
      return operand.kind === 'number' ? operand.value : this.context.callField(operand.path);
    }
    const at = this.slots[2 * operand];
    return at < 0 ? undefined : read32(this.extent.bytes, at);
  }

  /** Takes back what was written since `length`. */
  private restore(length: number, blank: boolean): void {
    this.out.length = length;
    this.blank = blank;
  }

  /** Opens a part with the blank that is due before it; answers where it begins. */
  private begin(): number {
    const start = this.out.length;
    if (this.blank) this.out.byte(0x20);
    return start;
  }

  /** Closes a part; one that wrote nothing leaves no blank either. */
  private end(start: number): boolean {
    if (this.out.length === start + (this.blank ? 1 : 0)) {
      this.out.length = start;
      return false;
    }
    this.blank = false;
    return true;
  }

  private endField(start: number): boolean {
    const wrote = this.end(start);
    if (wrote) this.written++;
    return wrote;
  }
}
