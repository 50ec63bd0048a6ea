/** Finds fields of bytes in one operation of a compound. Compiled once for each plan. */
import { read32 } from '../../xdr/bytes.js';
import { Extractor } from '../../xdr/codegen-extract.js';
import type { OpaquePlan, Plan, StringPlan } from '../../xdr/plan.js';
import type { Extent } from '../extent.js';
import { areBytesBehindStatus, hasBytes, hasWord, isFirstBytes } from '../first-field.js';
import { bytesField } from './fields.js';

export class OperationFields {
  readonly plans: (OpaquePlan | StringPlan)[] = [];
  /** Those of the paths asked for that there are, each to its field of bytes. */
  readonly paths: string[] = [];
  private readonly extractor: Extractor;
  private readonly slots: Int32Array;
  /** How many bytes each field has; -1 where a length before them says it. */
  private readonly lengths: Int32Array;
  /** True where the only field is what the operation begins with, as the handle of PUTFH and the name of LOOKUP are. */
  private readonly isFirst: boolean;
  /** The same for a field behind a status of 0, as the handle of GETFH is. */
  private readonly isBehindStatus: boolean;

  constructor(plan: Plan, paths: readonly string[]) {
    for (const path of paths) {
      const field = bytesField(plan, path);
      if (field === undefined) continue;
      this.plans.push(field.plan);
      this.paths.push(field.path);
    }
    this.extractor = new Extractor(plan, this.paths);
    this.slots = this.extractor.slots;
    this.lengths = Int32Array.from(this.plans, (field) => (field.kind === 'opaque' ? field.length : -1));
    this.isFirst = this.paths.length === 1 && isFirstBytes(plan, this.paths[0]);
    this.isBehindStatus = this.paths.length === 1 && areBytesBehindStatus(plan, this.paths[0]);
  }

  /** Finds the fields of the operation at `at`. */
  find(extent: Extent, at: number): void {
    if (this.isFirst) this.slots[0] = hasBytes(extent, at) ? at : -1;
    else if (this.isBehindStatus) this.slots[0] = isSuccess(extent, at) && hasBytes(extent, at + 4) ? at + 4 : -1;
    else if (this.paths.length > 0) this.extractor.find(extent.bytes, at, extent.end, extent.limit);
  }

  /** Where the bytes of a field that was found begin. */
  startOf(index: number): number {
    return this.slots[2 * index] + (this.lengths[index] < 0 ? 4 : 0);
  }

  /** Where they end. */
  endOf(index: number, bytes: Uint8Array): number {
    const at = this.slots[2 * index];
    return this.lengths[index] < 0 ? at + 4 + read32(bytes, at) : at + this.lengths[index];
  }

  /** Offset of a field found; -1 where it is not there. */
  at(index: number): number {
    return this.slots[2 * index];
  }
}

function isSuccess(extent: Extent, at: number): boolean {
  return hasWord(extent, at) && read32(extent.bytes, at) === 0;
}

/** The fields of each operation's plan, made when it is first seen. */
export class FieldsByPlan {
  private readonly known = new Map<Plan, Map<string, OperationFields>>();
  /** The fields asked for last; mostly they are asked for again (those of GETFH). */
  private lastPlan: Plan | null = null;
  private lastName = '';
  private last!: OperationFields;

  constructor(private readonly pathsOf: (plan: Plan, name: string) => readonly string[]) {}

  /** `name` is the operation's. */
  of(plan: Plan, name: string): OperationFields {
    if (plan === this.lastPlan && name === this.lastName) return this.last;
    const ofPlan = this.known.get(plan) ?? new Map<string, OperationFields>();
    this.known.set(plan, ofPlan);
    const fields = ofPlan.get(name) ?? new OperationFields(plan, this.pathsOf(plan, name));
    ofPlan.set(name, fields);
    this.lastPlan = plan;
    this.lastName = name;
    this.last = fields;
    return fields;
  }
}
