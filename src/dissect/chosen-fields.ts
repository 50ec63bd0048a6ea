/** Reads chosen fields of bodies or of operations: numbers, and bytes as hex. Compiled once for each plan. */
import { read32 } from '../xdr/bytes.js';
import { Extractor } from '../xdr/codegen-extract.js';
import type { Plan } from '../xdr/plan.js';
import type { Extent } from './extent.js';
import { planAt } from './field-path.js';

interface Compiled {
  extractor: Extractor;
  /** By path; undefined where this plan has no such field. */
  plans: (Plan | undefined)[];
}

export class ChosenFields {
  private readonly compiled = new Map<Plan, Compiled>();
  /** Of the plan that was looked into last. */
  private last!: Compiled;
  private bytes: Uint8Array = new Uint8Array(0);

  /** @param paths Fields by their names in the `.x`: `sr_resok4.sr_slotid`. */
  constructor(private readonly paths: readonly string[]) {}

  /** Finds the fields in the body or operation at `at`; the other methods read those found last. */
  find(plan: Plan, extent: Extent, at: number): void {
    this.last = this.compile(plan);
    this.bytes = extent.bytes;
    this.last.extractor.find(extent.bytes, at, extent.end, extent.limit);
  }

  /** The number, enum or boolean of a path, by its index among the paths; undefined where it is not there. */
  number(index: number): number | undefined {
    const { at, plan } = this.field(index);
    return plan === undefined || at < 0 ? undefined : read32(this.bytes, at);
  }

  /** The bytes of an opaque in hex. */
  hex(index: number): string | undefined {
    const { at, plan } = this.field(index);
    if (plan?.kind !== 'opaque' || at < 0) return undefined;
    const [start, length] = plan.length < 0 ? [at + 4, read32(this.bytes, at)] : [at, plan.length];
    return Buffer.from(this.bytes.subarray(start, start + length)).toString('hex');
  }

  /** `length` bytes of the first element of an array, behind its first `skip`; undefined where it has none. */
  firstHex(index: number, skip: number, length: number): string | undefined {
    const { at, plan } = this.field(index);
    if (plan?.kind !== 'array' || at < 0 || read32(this.bytes, at) === 0) return undefined;
    const start = at + 4 + skip;
    return Buffer.from(this.bytes.subarray(start, start + length)).toString('hex');
  }

  private field(index: number): { at: number; plan: Plan | undefined } {
    const { extractor, plans } = this.last;
    return { at: extractor.at(index), plan: plans[index] };
  }

  private compile(plan: Plan): Compiled {
    let compiled = this.compiled.get(plan);
    if (compiled === undefined) {
      const plans = this.paths.map((path) => planAt(plan, path));
      compiled = { extractor: new Extractor(plan, this.paths), plans };
      this.compiled.set(plan, compiled);
    }
    return compiled;
  }
}
