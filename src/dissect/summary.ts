/**
 * Summaries: turns a template of hints and a plan into steps, which write one line from the offsets that `extract`
 * finds. Templates are resolved once for each procedure; a path that names nothing is reported then, not when a message
 * comes. A procedure without a template gets its first few leaves as `name=value`.
 */
import { MAX_SUMMARY_FIELDS } from '../limits/dissect.js';
import type { ByteWriter } from '../xdr/byte-writer.js';
import { Extractor } from '../xdr/codegen-extract.js';
import {
  armsOf,
  type BodyPlan,
  type ChosenPlan,
  type FieldPlan,
  membersOf,
  type Plan,
  type UnionPlan,
} from '../xdr/plan.js';
import type { Piece, Template } from '../xdr/template.js';
import { isFormat, type TextContext } from '../xdr/text.js';
import { elementsWriter } from './element-texts.js';
import type { Extent } from './extent.js';
import { joinPaths, planAt } from './field-path.js';
import { hasBytes, hasWord, isFirstBytes, isFirstWord } from './first-field.js';
import { generateLine } from './summary-code.js';
import { interpretLine, type Step, type WriteLine } from './summary-line.js';
import { VainSearch } from './vain-search.js';

/** Fields of a summary that no template asked for. */
const GENERATED_FIELDS = 6;
const GENERATED_DEPTH = 4;
/** Levels of `text` templates within each other. */
const TEXT_DEPTH = 8;
/** The format of a list whose elements are written by their own templates. */
const EACH = 'each';
/** The template `{.}`. */
const WHOLE: Template = [{ kind: 'field', path: '', format: '' }];

export interface SummaryContext extends TextContext {
  callField(path: string): number | undefined;
  /**
   * Writes the procedure that another program's body belongs
   * to, and its summary; only its number where it is not known.
   */
  writeBody(
    out: ByteWriter,
    direction: 'call' | 'reply',
    program: number,
    version: number,
    procedure: number,
    extent: Extent,
  ): void;
}

export class Summary {
  private readonly paths: string[] = [];
  private readonly steps: readonly Step[];
  /** Made when a summary is first written. */
  private line: WriteLine | null = null;
  private readonly extractor: Extractor;
  private readonly slots: Int32Array;
  private readonly extraSlots: readonly number[];
  /** True where the only field looked for is a word that every body begins with, such as a status. */
  readonly saysFirstWordOnly: boolean;
  /** The same for bytes behind their length, such as a handle or a name. */
  private readonly isFirstBytes: boolean;

  /**
   * @param extraPaths Paths extracted along with the summary's own: the status word, handles, what lessons ask for. See `at`.
   * @param problem Is told of paths and formats that name nothing.
   * @param nesting Of the elements of a list: the summary around them.
   */
  constructor(
    plan: Plan,
    template: Template,
    extraPaths: readonly string[],
    problem: (message: string) => void,
    nesting: Nesting = { depth: 0, fields: { count: 0 } },
  ) {
    const resolver = new Resolver(plan, this.paths, problem, nesting.fields);
    this.steps = resolver.pieces(template, plan, '', nesting.depth);
    this.extraSlots = extraPaths.map((path) => resolver.slotOf(path, plan));
    this.extractor = new Extractor(plan, this.paths);
    this.slots = this.extractor.slots;
    this.saysFirstWordOnly = this.paths.length === 1 && isFirstWord(plan, this.paths[0]);
    this.isFirstBytes = this.paths.length === 1 && isFirstBytes(plan, this.paths[0]);
  }

  /** Finds the fields in a body; `write` and `at` speak of the last one found. */
  find(extent: Extent): void {
    if (this.saysFirstWordOnly) this.slots[0] = hasWord(extent, extent.at) ? extent.at : -1;
    else if (this.isFirstBytes) this.slots[0] = hasBytes(extent, extent.at) ? extent.at : -1;
    else if (this.paths.length > 0) {
      this.extractor.find(extent.bytes, extent.at, extent.end, extent.limit);
    }
  }

  /** Like `find`; true when the body was looked through to its end, and nothing is wrong with it. */
  findWhole(extent: Extent): boolean {
    return this.extractor.findWhole(extent.bytes, extent.at, extent.end, extent.limit);
  }

  /** Offset of the field of an extra path, by its place among them; -1 where it is not there. */
  at(extra: number): number {
    return this.slots[2 * this.extraSlots[extra]];
  }

  /** True where `write` writes nothing. */
  get isEmpty(): boolean {
    return this.steps.every(isEmpty);
  }

  /** Writes the summary, preceded by a blank unless it is empty. */
  write(out: ByteWriter, context: SummaryContext, extent: Extent): void {
    this.line ??= generateLine(this.steps) ?? interpretLine(this.steps, this.slots);
    this.line(out, context, this.slots, extent);
  }
}

/** True for a step that writes nothing, as the text "" gives it. */
function isEmpty(step: Step): boolean {
  return 'steps' in step && step.steps.every(isEmpty);
}

/** Levels of templates around a summary, and the fields that all of them together show. */
interface Nesting {
  depth: number;
  fields: { count: number };
}

/** Turns template pieces into steps, and gives each path its slot. */
class Resolver {
  constructor(
    private readonly root: Plan,
    private readonly paths: string[],
    private readonly problem: (message: string) => void,
    private readonly fields: Nesting['fields'],
  ) {}

  pieces(pieces: readonly Piece[], plan: Plan, prefix: string, depth: number): Step[] {
    return pieces.map((piece): Step => {
      if (piece.kind === 'literal') return literal(piece.text, piece.before, piece.after);
      if (piece.kind === 'group') return { kind: 'group', steps: this.pieces(piece.pieces, plan, prefix, depth) };
      return this.field(piece.path, piece.format, plan, prefix, depth);
    });
  }

  private field(path: string, format: string, plan: Plan, prefix: string, depth: number): Step {
    const noun = /^count (.+)$/.exec(format)?.[1];
    const kind = noun === undefined ? format : 'count';
    if (!isFormat(kind) && kind !== EACH) this.problem(`'${format}' is no format`);
    const target = planAt(plan, path);
    if (target !== undefined) {
      const step = this.show(target, kind, joinPaths(prefix, path), path.slice(path.lastIndexOf('.') + 1), depth);
      return noun === undefined || step.kind !== 'leaf' ? step : { ...step, noun };
    }
    this.problem(`'${path}' names no field`);
    return { kind: 'parts', steps: [] };
  }

  /** How a field of this plan is written. */
  private show(plan: Plan, format: string, path: string, name: string, depth: number): Step {
    if (plan.kind === 'optional' || plan.kind === 'typed') return this.show(plan.element, format, path, name, depth);
    if (++this.fields.count > MAX_SUMMARY_FIELDS) return this.giveUp();
    if (format === EACH) return this.each(plan, path, name, depth);
    if (plan.kind === 'body') return this.body(plan, path);
    if (plan.kind === 'chosen') return this.chosen(plan, path, depth);
    const composite = plan.kind === 'struct' || plan.kind === 'union';
    if (!composite || format === 'flag' || (plan.kind === 'struct' && plan.display)) {
      return { kind: 'leaf', slot: this.slot(path), plan, format, name };
    }
    if (depth > TEXT_DEPTH) return { kind: 'parts', steps: [] };
    if (plan.text !== undefined) return { kind: 'parts', steps: this.pieces(plan.text, plan, path, depth + 1) };
    const inner = (field: FieldPlan) => {
      const step = this.show(field.plan, format, joinPaths(path, field.name), field.name, depth + 1);
      return format === '' ? withNoun(step, field.plan) : step;
    };
    if (plan.kind === 'union') return { kind: 'parts', steps: namedArms(plan).map(inner) };
    return plan.fields.length === 1
      ? inner(plan.fields[0])
      : { kind: 'parts', steps: generate(plan, path, (at) => this.slot(at)) };
  }

  private each(plan: Plan, path: string, name: string, depth: number): Step {
    if (plan.kind !== 'array' && plan.kind !== 'list') this.problem(`'${path}' has no elements`);
    else if (depth <= TEXT_DEPTH) {
      const nesting = { depth: depth + 1, fields: this.fields };
      const text = new Summary(plan.element, WHOLE, [], this.problem, nesting);
      return { kind: 'leaf', slot: this.slot(path), plan, format: '', name, elements: elementsWriter(plan, text) };
    }
    return { kind: 'parts', steps: [] };
  }

  private giveUp(): Step {
    if (this.fields.count === MAX_SUMMARY_FIELDS + 1)
      this.problem(`it leads to more than ${MAX_SUMMARY_FIELDS} fields`);
    return { kind: 'parts', steps: [] };
  }

  /**
   * An opaque whose type a field chooses: the values of a bitmap's
   * bits each with its name, the value of a number alone.
   */
  private chosen(plan: ChosenPlan, path: string, depth: number): Step {
    if (depth > TEXT_DEPTH) return { kind: 'parts', steps: [] };
    const bitmap = this.bitmapOf(plan, path);
    if (bitmap !== null) return this.values(plan, path, bitmap, depth);
    const steps = toldApart(namedArms(plan.union)).map((arm): Step => {
      return { kind: 'group', steps: [this.show(arm.plan, '', path, arm.name, depth + 1)] };
    });
    return { kind: 'parts', steps };
  }

  private values({ union }: ChosenPlan, path: string, bitmap: string, depth: number): Step {
    const arms = new Map<number, Step | null>();
    for (const [bit, arm] of union.arms) arms.set(bit, arm && this.arm(arm, path, depth));
    return { kind: 'values', slot: this.slot(bitmap), arms };
  }

  private arm({ name, plan }: FieldPlan, path: string, depth: number): Step {
    const shown = this.show(plan, '', joinPaths(path, name), name, depth + 1);
    const value = shown.kind === 'leaf' && isCounted(plan) ? { ...shown, noun: 'entry' } : shown;
    return { kind: 'group', steps: [literal(name, true, true), value] };
  }

  /** The path of the bitmap that chooses the values at `path`; null where something else chooses. */
  private bitmapOf(plan: ChosenPlan, path: string): string | null {
    const names = path.split('.');
    while (names.pop() !== undefined) {
      const scope = names.join('.');
      const around = planAt(this.root, scope);
      const field = around && membersOf(around).find(({ name }) => name === plan.by);
      if (field !== undefined) return field.plan.kind === 'bitmap' ? joinPaths(scope, field.name) : null;
    }
    return null;
  }

  private body(plan: BodyPlan, path: string): Step {
    const scope = path.slice(0, Math.max(0, path.lastIndexOf('.')));
    const operands = [plan.program, plan.version, plan.procedure].map((operand) =>
      operand.kind === 'sibling' ? this.slotOf(joinPaths(scope, operand.path), this.root) : operand,
    );
    return { kind: 'body', slot: this.slot(path), plan, operands };
  }

  slotOf(path: string, root: Plan): number {
    if (planAt(root, path) === undefined) this.problem(`'${path}' names no field`);
    return this.slot(path);
  }

  private slot(path: string): number {
    const known = this.paths.indexOf(path);
    return known >= 0 ? known : this.paths.push(path) - 1;
  }
}

function literal(text: string, before: boolean, after: boolean): Step {
  return { kind: 'literal', text, before, after };
}

/** A template for a plan that has none: the first few leaves, `name=value`. */
export function generatedTemplate(plan: Plan): Template {
  const pieces: Template = [];
  const barren = new VainSearch(GENERATED_DEPTH);
  const visit = (current: Plan, path: string, name: string, depth: number): void => {
    if (pieces.length >= GENERATED_FIELDS || barren.has(current, depth)) return;
    const { length } = pieces;
    if (current.kind === 'optional') visit(current.element, path, name, depth + 1);
    else if (current.kind === 'struct' && !current.display && !current.text) {
      for (const field of current.fields) visit(field.plan, joinPaths(path, field.name), field.name, depth + 1);
    } else if (current.kind === 'union' && !current.text) {
      if (depth > 0)
        visit(
          current.discriminant.plan,
          joinPaths(path, current.discriminant.name),
          current.discriminant.name,
          depth + 1,
        );
      for (const arm of namedArms(current)) visit(arm.plan, joinPaths(path, arm.name), arm.name, depth + 1);
    } else if (current.kind !== 'void' && current.kind !== 'rest') {
      pieces.push(generatedPiece(path, name, isCounted(current) ? 'count element' : ''));
    }
    if (pieces.length === length) barren.add(current, depth);
  };
  visit(plan, '', '', 0);
  return pieces;
}

function generatedPiece(path: string, name: string, format: string): Piece {
  const label: Piece[] = name === '' ? [] : [{ kind: 'literal', text: `${name}=`, before: true, after: false }];
  return { kind: 'group', pieces: [...label, { kind: 'field', path, format }] };
}

/** True where a line has room only for the number of elements, which without a noun looks like a value. */
function isCounted(plan: Plan): boolean {
  return plan.kind === 'list' || (plan.kind === 'array' && ['struct', 'union', 'array'].includes(plan.element.kind));
}

/** Says what is counted where no template does. */
function withNoun(step: Step, plan: Plan): Step {
  return step.kind === 'leaf' && step.elements === undefined && isCounted(plan) ? { ...step, noun: 'element' } : step;
}

/** The leaves of a struct that a path ends at without a `text` of its own. */
function generate(plan: Plan, path: string, slot: (path: string) => number): Step[] {
  const steps: Step[] = [];
  for (const field of plan.kind === 'struct' ? plan.fields : []) {
    if (['struct', 'union', 'optional', 'body'].includes(field.plan.kind)) continue;
    const name = field.name;
    const leaf: Step = { kind: 'leaf', slot: slot(joinPaths(path, name)), plan: field.plan, format: '', name };
    steps.push({ kind: 'group', steps: [literal(`${name}=`, true, false), withNoun(leaf, field.plan)] });
    if (steps.length === GENERATED_FIELDS) break;
  }
  return steps;
}

/** The arms with names of their own; of several with one name, the last. */
function namedArms(plan: UnionPlan): FieldPlan[] {
  return [...new Map(armsOf(plan).map((arm) => [arm.name, arm])).values()];
}

/** The arms whose fields no other arm has: the fields that are there show which of them was chosen. */
function toldApart(arms: readonly FieldPlan[]): FieldPlan[] {
  const names = arms.map(({ plan }) => new Set(fieldsOf(plan).map(({ name }) => name)));
  const counts = new Map<string, number>();
  for (const each of names) for (const name of each) counts.set(name, (counts.get(name) ?? 0) + 1);
  return arms.filter((_, index) => names[index].size > 0 && [...names[index]].every((name) => counts.get(name) === 1));
}

function fieldsOf(plan: Plan): FieldPlan[] {
  if (plan.kind === 'union') return [plan.discriminant, ...namedArms(plan)];
  return plan.kind === 'struct' && !plan.display ? plan.fields : [];
}
