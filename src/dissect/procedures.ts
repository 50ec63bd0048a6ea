/** The procedures that messages call, found by program, version and number, and compiled on first sight. */
import { ByNumber } from '../xdr/by-number.js';
import type { ProgramPlan } from '../xdr/plan.js';
import type { UndecodedReason } from '../xdr/tree-node.js';
import type { DissectorLibrary } from './library.js';
import { Procedure, type Wants } from './procedure.js';

/** A version of a program with the procedures that were seen of it. */
export interface KnownProgram {
  program: number;
  version: number;
  name: string | undefined;
  plan: ProgramPlan;
  procedures: ByNumber<Procedure>;
}

export class Procedures {
  /** By number and version. Only what has a dissector is kept: numbers that a capture makes up cost no memory. */
  private readonly known = new Map<number, Map<number, KnownProgram>>();
  /** The version that was asked for last; mostly it is asked for again. */
  last: KnownProgram | null = null;

  constructor(
    private readonly library: DissectorLibrary,
    private readonly wants: Wants,
  ) {}

  /** The procedure, or why there is none. */
  find(program: number, version: number, procedure: number): Procedure | UndecodedReason {
    const known = this.findProgram(program, version);
    if (typeof known === 'string') return known;
    let found = known.procedures.get(procedure);
    if (found === undefined) {
      const plan = known.plan.procedures.get(procedure);
      if (plan === undefined) return 'unknown_procedure';
      found = new Procedure(plan, undefined, this.wants);
      known.procedures.set(procedure, found);
    }
    return found;
  }

  /** The short name of a program's version; undefined when nobody knows it. */
  programName(program: number, version: number): string | undefined {
    const known = this.findProgram(program, version);
    return typeof known === 'string' ? this.library.programName(program, version) : known.name;
  }

  private findProgram(program: number, version: number): KnownProgram | UndecodedReason {
    const { last } = this;
    if (last !== null && last.program === program && last.version === version) return last;
    const known = this.known.get(program)?.get(version) ?? this.load(program, version);
    if (typeof known !== 'string') this.last = known;
    return known;
  }

  private load(program: number, version: number): KnownProgram | UndecodedReason {
    const plan = this.library.find(program, version);
    if (typeof plan === 'string') return plan;
    const name = this.library.programName(program, version);
    const known = { program, version, name, plan, procedures: new ByNumber<Procedure>() };
    const versions = this.known.get(program);
    if (versions === undefined) this.known.set(program, new Map([[version, known]]));
    else versions.set(version, known);
    return known;
  }
}
