/**
 * Generated code: plans become functions. This is the only file that makes code from text, and no name of a `.x` is ever in that
 * text: keys are JSON.stringify'd or stored as numbers, everything else is an entry of a constant table.
 *
 * Generated code only knows good messages. At anything else (a fault, a note, a type that depends on the call) it gives up, and the
 * interpreter does that message again; so the two can only differ where generated code accepts what the interpreter would
 * not, which is what the property tests look for. Where code generation is refused (`--disallow-code-generation-from-strings`,
 * `--no-codegen`) the interpreter serves alone.
 *
 * One function a struct or union, entered into its cache before its members are generated, so that recursion ends. Runs of
 * fixed-size fields stand behind one bounds check.
 */
import type { FieldPlan, Plan, UnionPlan } from './plan.js';

/** True where this process may make code from text. */
export const canGenerate = tryToGenerate();

function tryToGenerate(): boolean {
  try {
    return new Function('return true')() === true;
  } catch {
    return false;
  }
}

/** Holds a function that may still be in the making. */
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

/** Collects the lines of one function. Offsets within a run of fixed-size fields are constants behind one check. */
export class Emitter {
  protected readonly lines: string[] = [];
  private readonly constants: unknown[] = [];
  private names = 0;
  /** Where the current run's checks stand in `lines`, and the bytes it reads. */
  private run = -1;
  private reads = 0;

  /** The function of `parameters` that runs the lines; `k` is the table of constants, `r` the runtime. */
  protected assemble<F>(parameters: string, before: string[], after: string, runtime: unknown): F {
    const source = ['"use strict"; return (', parameters, ') => {\n', ...before, ...this.lines, after, '};'].join('\n');
    return new Function('r', 'k', source)(runtime, this.constants) as F;
  }

  /** Takes `size` bytes of the current run; answers the expression of their offset. */
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
    const checks = this.reads > 0 ? [`if (p + ${this.reads} > end) ${this.giveUp()}`] : [];
    this.lines[this.run] = [...checks, ...this.moreChecks()].join(' ');
    if (this.reads > 0) this.line(`p += ${this.reads};`);
    this.run = -1;
  }

  /** The statement that leaves the message to the interpreter. */
  protected giveUp(): string {
    return 'return -1;';
  }

  /** Checks of a run beside that of the bytes it reads. */
  protected moreChecks(): string[] {
    return [];
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
export function groupArms(plan: UnionPlan): Map<FieldPlan | null, number[]> {
  const groups = new Map<FieldPlan | null, number[]>();
  for (const [value, arm] of plan.arms) groups.set(arm, [...(groups.get(arm) ?? []), value]);
  return groups;
}

/** The expression of the signed 32-bit word at an offset. */
export function signedWord(at: string): string {
  return `(b[${at}] << 24 | b[${at} + 1] << 16 | b[${at} + 2] << 8 | b[${at} + 3])`;
}

/** The expression of the unsigned 32-bit word at an offset. */
export function word(at: string): string {
  return `(${signedWord(at)} >>> 0)`;
}
