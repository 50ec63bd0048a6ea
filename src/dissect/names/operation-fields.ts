/** Fields of bytes in one operation of a compound: compiled once a plan, then read at the offsets that come out. */
import { Extractor } from '../../xdr/codegen-extract.js';
import { wantPaths } from '../../xdr/extract.js';
import type { OpaquePlan, Plan, StringPlan } from '../../xdr/plan.js';
import type { Extent } from '../summary.js';
import { bytesField } from './fields.js';

export class OperationFields {
  readonly plans: (OpaquePlan | StringPlan)[] = [];
  /** As they were asked for, those that there are. */
  readonly paths: string[] = [];
  private readonly extractor: Extractor;
  private readonly slots: Int32Array;

  constructor(plan: Plan, paths: readonly string[]) {
    for (const path of paths) {
      const field = bytesField(plan, path);
      if (field === undefined) continue;
      this.plans.push(field.plan);
      this.paths.push(field.path);
    }
    this.extractor = new Extractor(plan, wantPaths(this.paths));
    this.slots = new Int32Array(2 * this.paths.length);
  }

  /** Finds the fields of the operation at `at`. */
  find(extent: Extent, at: number): void {
    if (this.paths.length > 0) this.extractor.find(extent.bytes, at, extent.end, extent.limit, this.slots);
  }

  /** Offset of a field found; -1 where it is not there. */
  at(index: number): number {
    return this.slots[2 * index];
  }
}

/** The fields of each plan, made when it is first seen. */
export class FieldsByPlan {
  private readonly known = new Map<Plan, OperationFields>();

  constructor(private readonly pathsOf: (plan: Plan, name: string) => readonly string[]) {}

  /** `name` is the operation's. */
  of(plan: Plan, name: string): OperationFields {
    let fields = this.known.get(plan);
    if (fields === undefined) {
      fields = new OperationFields(plan, this.pathsOf(plan, name));
      this.known.set(plan, fields);
    }
    return fields;
  }
}
